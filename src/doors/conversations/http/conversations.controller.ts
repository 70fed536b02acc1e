import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { ChatsService, ModelChoice } from '../../../chats/index.js';
import type { Page, Scope } from '../../../common/index.js';
import {
  ApiPage,
  ApiProblems,
  ChatIdPipe,
  CurrentPerson,
  CurrentScope,
} from '../../../platform/http/index.js';
import { CreateConversationDto, ConversationsQueryDto, UpdateConversationDto } from './conversation.dto.js';
import { ConversationView, toConversationView } from './conversation.view.js';

const ID = { name: 'chat_id', example: '550e8400-e29b-41d4-a716-446655440000' };

/** Chats as conversations. */
@ApiTags('conversations')
@Controller(['api/v1/conversations', 'conversations'])
export class ConversationsController {
  constructor(
    private readonly chats: ChatsService,
    private readonly models: ModelChoice,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Start a conversation',
    description:
      'A chat like any other; the user is created on first use. The body is optional. Without authentication it belongs to `?user_id=`, else to `default`.',
  })
  @ApiBody({ type: CreateConversationDto, required: false })
  @ApiCreatedResponse({ description: 'The new conversation.', type: ConversationView })
  @ApiProblems(
    'validation_failed',
    'invalid_json',
    'unknown_model',
    'invalid_user_id',
    'user_not_found',
    'body_too_large',
    'unsupported_media_type',
  )
  async create(
    @CurrentScope() scope: Scope,
    @CurrentPerson() person: string,
    @Body() { title, model, system_prompt }: CreateConversationDto,
  ): Promise<ConversationView> {
    const chosen = { instructions: system_prompt, model: this.models.require(model) };
    return toConversationView(await this.chats.create(scope, person, { title, ...chosen }), 0);
  }

  @Get()
  @ApiOperation({
    summary: 'List conversations',
    description: 'Newest activity first, in pages.',
  })
  @ApiPage(ConversationView)
  @ApiProblems('validation_failed', 'invalid_user_id', 'user_not_found')
  async list(
    @CurrentScope() scope: Scope,
    @CurrentPerson() person: string,
    @Query() { page, page_size }: ConversationsQueryDto,
  ): Promise<Page<ConversationView>> {
    const found = await this.chats.page(scope, person, { page, page_size });
    const items = found.items.map(({ chat, messageCount }) => toConversationView(chat, messageCount));
    return { ...found, items };
  }

  @Get(':chat_id')
  @ApiParam(ID)
  @ApiOperation({ summary: 'Get a conversation', description: 'Its title, model and system prompt.' })
  @ApiOkResponse({ description: 'The conversation.', type: ConversationView })
  @ApiProblems('invalid_chat_id', 'chat_not_found')
  async get(
    @CurrentScope() scope: Scope,
    @Param('chat_id', ChatIdPipe) chatId: string,
  ): Promise<ConversationView> {
    const { chat, messageCount } = await this.chats.getCounted(scope, chatId);
    return toConversationView(chat, messageCount);
  }

  @Patch(':chat_id')
  @ApiParam(ID)
  @ApiOperation({
    summary: 'Change a conversation',
    description: 'Title, model and system prompt, for questions from now on.',
  })
  @ApiOkResponse({ description: 'The changed conversation.', type: ConversationView })
  @ApiProblems(
    'invalid_chat_id',
    'validation_failed',
    'invalid_json',
    'unknown_model',
    'chat_not_found',
    'body_too_large',
    'unsupported_media_type',
  )
  async change(
    @CurrentScope() scope: Scope,
    @Param('chat_id', ChatIdPipe) chatId: string,
    @Body() { title, model, system_prompt }: UpdateConversationDto,
  ): Promise<ConversationView> {
    const change = { title, instructions: system_prompt, model: this.models.require(model) };
    const { chat, messageCount } = await this.chats.change(scope, chatId, change);
    return toConversationView(chat, messageCount);
  }

  @Delete(':chat_id')
  @HttpCode(204)
  @ApiParam(ID)
  @ApiOperation({
    summary: 'Delete a conversation',
    description: 'With its messages, events, tool calls and files. Cannot be undone.',
  })
  @ApiNoContentResponse({ description: 'The conversation has been deleted.' })
  @ApiProblems('invalid_chat_id', 'chat_not_found')
  async erase(@CurrentScope() scope: Scope, @Param('chat_id', ChatIdPipe) chatId: string): Promise<void> {
    await this.chats.erase(scope, chatId);
  }
}
