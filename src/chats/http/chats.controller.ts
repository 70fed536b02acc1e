import { Body, Controller, Delete, Get, HttpCode, Param, Patch } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Scope } from '../../common/index.js';
import { ApiProblems, ChatIdPipe, CurrentScope } from '../../platform/http/index.js';
import { ChatView, toChatView } from './chat.view.js';
import { ChatsService } from '../chats.service.js';
import { ModelChoice } from '../model-choice.js';
import { UpdateChatDto } from './update-chat.dto.js';

/** One chat over HTTP. */
@ApiTags('chats')
@ApiParam({ name: 'chat_id', example: '550e8400-e29b-41d4-a716-446655440000' })
@Controller('chats/:chat_id')
export class ChatsController {
  constructor(
    private readonly chats: ChatsService,
    private readonly models: ModelChoice,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Get a chat', description: 'Its title, its times and its number of messages.' })
  @ApiOkResponse({ description: 'The chat.', type: ChatView })
  @ApiProblems('invalid_chat_id', 'chat_not_found')
  async get(@CurrentScope() scope: Scope, @Param('chat_id', ChatIdPipe) chatId: string): Promise<ChatView> {
    const { chat, messageCount } = await this.chats.getCounted(scope, chatId);
    return toChatView(chat, messageCount);
  }

  @Patch()
  @ApiOperation({
    summary: 'Change a chat',
    description:
      'Its title, and what its user says about who answers: for questions from now on. Counts as activity: the chat moves up in the list.',
  })
  @ApiOkResponse({ description: 'The changed chat.', type: ChatView })
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
    @Body() body: UpdateChatDto,
  ): Promise<ChatView> {
    const change = { ...body, model: this.models.require(body.model) };
    const { chat, messageCount } = await this.chats.change(scope, chatId, change);
    return toChatView(chat, messageCount);
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete a chat',
    description: 'With its messages, events, tool calls and files. Cannot be undone.',
  })
  @ApiNoContentResponse({ description: 'The chat has been deleted.' })
  @ApiProblems('invalid_chat_id', 'chat_not_found')
  async erase(@CurrentScope() scope: Scope, @Param('chat_id', ChatIdPipe) chatId: string): Promise<void> {
    await this.chats.erase(scope, chatId);
  }
}
