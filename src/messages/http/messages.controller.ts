import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { Page, Scope } from '../../common/index.js';
import {
  ApiPage,
  ApiProblems,
  ChatIdPipe,
  CurrentScope,
  MessageIdPipe,
  PageQueryDto,
} from '../../platform/http/index.js';
import { CreateMessageDto } from './create-message.dto.js';
import { FollowableMessages } from './followable-messages.js';
import { IdempotencyKey } from './idempotency-key.decorator.js';
import { CreatedMessageView, MessageView, MessageWithRunView, toView } from './message.view.js';
import { MessageList } from '../message-list.js';
import { MessagesService } from '../messages.service.js';

/** Messages over HTTP. */
@ApiTags('messages')
@Controller()
export class MessagesController {
  constructor(
    private readonly messages: MessagesService,
    private readonly list: MessageList,
    private readonly followable: FollowableMessages,
  ) {}

  @Post('chats/:chat_id/messages')
  @ApiOperation({
    summary: 'Send a message',
    description:
      'Stores the message and starts its run at once, whether or not anybody follows it. Follow it at `stream_url`.',
  })
  @ApiParam({ name: 'chat_id', example: '550e8400-e29b-41d4-a716-446655440000' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'The same key and body return the same response again; the same key with a different body gets 422.',
  })
  @ApiCreatedResponse({ type: CreatedMessageView })
  @ApiProblems(
    'invalid_chat_id',
    'validation_failed',
    'invalid_json',
    'unknown_agent',
    'invalid_workflow',
    'invalid_idempotency_key',
    'chat_not_found',
    'message_not_found',
    'chat_busy',
    'body_too_large',
    'too_large_to_store',
    'unsupported_media_type',
    'idempotency_key_reused',
    'invalid_attachments',
    'chat_queue_full',
    'queue_full',
    'budget_exceeded',
  )
  async create(
    @CurrentScope() scope: Scope,
    @Param('chat_id', ChatIdPipe) chatId: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Body() body: CreateMessageDto,
  ): Promise<CreatedMessageView> {
    const message = await this.messages.create(scope, chatId, { ...body, idempotencyKey });
    return this.followable.created(scope, message);
  }

  @Get('chats/:chat_id/messages')
  @ApiOperation({
    summary: "A chat's history",
    description:
      'Messages of both sides in order of arrival, oldest first, in pages. An answer arrives when its run has ended, so ' +
      'other questions may come between a question and its answer: `metadata.reply_to` of an answer names its question.',
  })
  @ApiParam({ name: 'chat_id', example: '550e8400-e29b-41d4-a716-446655440000' })
  @ApiPage(MessageView)
  @ApiProblems('invalid_chat_id', 'validation_failed', 'chat_not_found')
  async page(
    @CurrentScope() scope: Scope,
    @Param('chat_id', ChatIdPipe) chatId: string,
    @Query() query: PageQueryDto,
  ): Promise<Page<MessageView>> {
    const page = await this.list.page(scope, chatId, query);
    return { ...page, items: page.items.map(toView) };
  }

  @Get('messages/:message_id')
  @ApiOperation({
    summary: 'A message with its run',
    description: 'Status, attempt, timings, usage and error of the run; `run` is null for an answer.',
  })
  @ApiParam({ name: 'message_id', example: '68eb95dcac4dd9ac2789890e' })
  @ApiOkResponse({ type: MessageWithRunView })
  @ApiProblems('invalid_message_id', 'message_not_found')
  async get(
    @CurrentScope() scope: Scope,
    @Param('message_id', MessageIdPipe) messageId: string,
  ): Promise<MessageWithRunView> {
    return this.followable.withRun(scope, await this.list.get(scope, messageId));
  }
}
