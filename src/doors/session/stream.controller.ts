import { Body, Controller, RequestMethod, Res, Sse } from '@nestjs/common';
import {
  ApiBody,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import type { Scope } from '../../common/index.js';
import { IdempotencyKey } from '../../messages/http/index.js';
import { ApiProblems, CurrentPerson, CurrentScope, ResumePoint } from '../../platform/http/index.js';
import { AnswerStreams } from '../../streams/http/index.js';
import { framed } from './frames.js';
import { ChatStreamDto } from './session-dtos.js';
import { SessionMessages } from './session-messages.js';
import { session } from './session.dialect.js';

const EXAMPLE = [
  'event: session\ndata: {"id":"550e8400-e29b-41d4-a716-446655440000"}\n',
  'event: status\nid: 1760270888823_0000_a26344ee\ndata: {"step":"planning","message":"Analyzing your request..."}\n',
  'event: chunk\nid: 1760270929640_0001_fd9811a3\ndata: {"text":"The weather in Tokyo"}\n',
  'event: done\nid: 1760270930333_0002_c2024cde\ndata: {"request_id":"68eb95dcac4dd9ac2789890e","tools_used":[],"total_duration_ms":1234}\n',
].join('\n');

/** Sends a message and streams its answer. */
@ApiTags('sessions')
@Controller('chat/stream')
export class SessionStreamController {
  constructor(
    private readonly messages: SessionMessages,
    private readonly answers: AnswerStreams,
  ) {}

  @Sse('', { method: RequestMethod.POST })
  @ApiOperation({
    summary: 'Chat in a session',
    description:
      'Sends a message and streams the answer as named events. Without a `session_id`, a session begins: the first event and `X-Session-Id` name it. ' +
      'With an `Idempotency-Key`, the same request again continues the same answer, after `Last-Event-ID` if there is one; the run goes on meanwhile. ' +
      'Unless `Accept` asks for JSON, an error is an `error` event, whatever its status.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Makes the request repeatable.' })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'Resume point, with an Idempotency-Key.',
  })
  @ApiQuery({ name: 'user_id', required: false, description: 'For callers who may act for anybody.' })
  @ApiBody({ type: ChatStreamDto })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({
    description: 'The answer as frames.',
    content: { 'text/event-stream': { example: EXAMPLE } },
    headers: {
      'X-Session-Id': { schema: { type: 'string' } },
      'X-Message-Id': { schema: { type: 'string' } },
      'X-Stream-Url': { description: 'Where to follow the same run.', schema: { type: 'string' } },
    },
  })
  @ApiProblems(
    'validation_failed',
    'invalid_json',
    'invalid_user_id',
    'invalid_idempotency_key',
    'unknown_agent',
    'unknown_event_id',
    'user_not_found',
    'session_not_found',
    'session_expired',
    'events_expired',
    'chat_busy',
    'body_too_large',
    'too_large_to_store',
    'unsupported_media_type',
    'idempotency_key_reused',
    'chat_queue_full',
    'budget_exceeded',
    'too_many_streams_of_message',
    'too_many_streams',
    'queue_full',
  )
  async stream(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @IdempotencyKey() key: string | undefined,
    @ResumePoint() after: string | undefined,
    @Body() body: ChatStreamDto,
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    return this.answers.open({ scope, response, dialect: session, after }, async () => {
      const { _id, chat_id } = await this.messages.send(scope, { userId, key, after }, body);
      response.setHeader('X-Session-Id', chat_id);
      return {
        message_id: _id.toHexString(),
        chat_id,
        ...(!body.session_id && { greeting: framed([['session', { id: chat_id }]]) }),
      };
    });
  }
}
