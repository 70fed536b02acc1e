import { Body, Controller, Get, Param, Query, RequestMethod, Res, Sse } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import type { Page, Scope } from '../../../common/index.js';
import { IdempotencyKey, toView } from '../../../messages/http/index.js';
import { MessageList } from '../../../messages/index.js';
import {
  ApiPage,
  ApiProblems,
  ChatIdPipe,
  CurrentScope,
  PageQueryDto,
  ResumePoint,
} from '../../../platform/http/index.js';
import { Answers } from './answers.js';
import { TalkMessageDto } from './message.dto.js';
import { ApiAnswerStream } from './stream-docs.js';
import { asTalk, TalkMessageView } from './talk-message.view.js';

/** The messages of conversations. */
@ApiTags('conversations')
@ApiParam({ name: 'chat_id', example: '550e8400-e29b-41d4-a716-446655440000' })
@Controller(['api/v1/conversations/:chat_id/messages', 'conversations/:chat_id/messages'])
export class TalkMessagesController {
  constructor(
    private readonly list: MessageList,
    private readonly answers: Answers,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'What was said in a conversation',
    description: 'Messages of both sides in order of arrival, oldest first, in pages.',
  })
  @ApiPage(TalkMessageView)
  @ApiProblems('invalid_chat_id', 'validation_failed', 'chat_not_found')
  async page(
    @CurrentScope() scope: Scope,
    @Param('chat_id', ChatIdPipe) chatId: string,
    @Query() query: PageQueryDto,
  ): Promise<Page<TalkMessageView>> {
    const page = await this.list.page(scope, chatId, query);
    return { ...page, items: page.items.map((listed) => asTalk(toView(listed))) };
  }

  @Sse('', { method: RequestMethod.POST })
  @ApiOperation({
    summary: 'Ask in a conversation',
    description:
      'Stores the question and streams the answer: `token`, `tool_request`, `tool_result`, then `complete` or `error`. Hanging up does not stop it.',
  })
  @ApiAnswerStream()
  @ApiProblems('invalid_chat_id')
  async ask(
    @CurrentScope() scope: Scope,
    @Param('chat_id', ChatIdPipe) chatId: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Body() body: TalkMessageDto,
    @ResumePoint() after: string | undefined,
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    const message = { ...body, idempotencyKey };
    return this.answers.open(scope, { chat: () => Promise.resolve(chatId), message, after, response });
  }
}
