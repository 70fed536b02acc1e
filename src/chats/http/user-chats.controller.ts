import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Page, Scope } from '../../common/index.js';
import { ApiPage, ApiProblems, CurrentScope, UserIdPipe } from '../../platform/http/index.js';
import { ChatView, toChatView } from './chat.view.js';
import { ChatsService } from '../chats.service.js';
import { ChatsQueryDto } from './chats-query.dto.js';
import { ModelChoice } from '../model-choice.js';
import { CreateChatDto } from './create-chat.dto.js';

/** A user's chats over HTTP. */
@ApiTags('chats')
@ApiParam({
  name: 'user_id',
  example: 'alice@company.com',
  description: 'Your own id for the user, 1 to 200 characters.',
})
@Controller('users/:user_id/chats')
export class UserChatsController {
  constructor(
    private readonly chats: ChatsService,
    private readonly models: ModelChoice,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Start a chat',
    description: 'The user is created on first use. The body is optional.',
  })
  @ApiBody({ type: CreateChatDto, required: false })
  @ApiCreatedResponse({ description: 'The new chat.', type: ChatView })
  @ApiProblems(
    'invalid_user_id',
    'validation_failed',
    'unknown_model',
    'invalid_json',
    'body_too_large',
    'unsupported_media_type',
  )
  async create(
    @CurrentScope() scope: Scope,
    @Param('user_id', UserIdPipe) userId: string,
    @Body() body: CreateChatDto,
  ): Promise<ChatView> {
    const model = this.models.require(body.model);
    return toChatView(await this.chats.create(scope, userId, { ...body, model }), 0);
  }

  @Get()
  @ApiOperation({
    summary: "List a user's chats",
    description: 'Newest activity first; all chats, or those that `search` finds. An unknown user has none.',
  })
  @ApiPage(ChatView)
  @ApiProblems('invalid_user_id', 'validation_failed')
  async list(
    @CurrentScope() scope: Scope,
    @Param('user_id', UserIdPipe) userId: string,
    @Query() query: ChatsQueryDto,
  ): Promise<Page<ChatView>> {
    const page = await this.chats.page(scope, userId, query);
    return { ...page, items: page.items.map(({ chat, messageCount }) => toChatView(chat, messageCount)) };
  }
}
