import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { Scope } from '../../common/index.js';
import { CreatedMessageView, FollowableMessages, IdempotencyKey } from '../../messages/http/index.js';
import { ApiProblems, CurrentScope, MessageIdPipe } from '../../platform/http/index.js';
import { Forks } from '../control/forks.js';
import { RunsService } from '../control/runs.service.js';
import { ForkDto } from './fork.dto.js';
import { toToolCallView, ToolCallView } from './tool-call.view.js';

/** Stops a run, asks a question again, shows tool calls. */
@ApiTags('runs')
@ApiParam({ name: 'message_id', example: '68eb95dcac4dd9ac2789890e' })
@Controller('messages/:message_id')
export class RunsController {
  constructor(
    private readonly runs: RunsService,
    private readonly forks: Forks,
    private readonly followable: FollowableMessages,
  ) {}

  @Post('cancel')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Stop a run',
    description:
      'What was streamed is kept, and the log ends with `end` (`cancelled`). Stopping twice does no harm.',
  })
  @ApiAcceptedResponse({
    description: 'The run as it was when the request arrived.',
    schema: { example: { message_id: '68eb95dcac4dd9ac2789890e', status: 'processing' } },
  })
  @ApiProblems('invalid_message_id', 'message_not_found')
  async cancel(
    @CurrentScope() scope: Scope,
    @Param('message_id', MessageIdPipe) messageId: string,
  ): Promise<{ message_id: string; status: string }> {
    return { message_id: messageId, status: await this.runs.cancel(scope, messageId) };
  }

  @Post('retry')
  @ApiOperation({
    summary: 'Ask again',
    description:
      'A new message with the same content and `metadata.retry_of`; the old log stays unchanged. It begins another branch in the place of the question: the model gets what comes before, and what follows comes after it.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  @ApiCreatedResponse({ type: CreatedMessageView })
  @ApiProblems(
    'invalid_message_id',
    'invalid_idempotency_key',
    'unknown_agent',
    'message_not_found',
    'chat_not_found',
    'run_not_ended',
    'too_large_to_store',
    'idempotency_key_reused',
    'chat_queue_full',
    'queue_full',
    'budget_exceeded',
  )
  async retry(
    @CurrentScope() scope: Scope,
    @Param('message_id', MessageIdPipe) messageId: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
  ): Promise<CreatedMessageView> {
    return this.followable.created(scope, await this.runs.retry(scope, messageId, idempotencyKey));
  }

  @Post('fork')
  @ApiOperation({
    summary: 'Continue a run from an event of its log, as a new one',
    description:
      'A new message of the same chat, a version of the old one. Its log begins with the events up to `after`, and goes on from there: finished tools are not run again. The old log stays unchanged.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  @ApiCreatedResponse({ type: CreatedMessageView })
  @ApiProblems(
    'invalid_message_id',
    'validation_failed',
    'invalid_json',
    'invalid_idempotency_key',
    'unknown_event_id',
    'invalid_fork',
    'unknown_agent',
    'message_not_found',
    'chat_not_found',
    'events_expired',
    'body_too_large',
    'too_large_to_store',
    'idempotency_key_reused',
    'chat_queue_full',
    'queue_full',
    'budget_exceeded',
  )
  async fork(
    @CurrentScope() scope: Scope,
    @Param('message_id', MessageIdPipe) messageId: string,
    @Body() body: ForkDto,
    @IdempotencyKey() idempotencyKey: string | undefined,
  ): Promise<CreatedMessageView> {
    const message = await this.forks.fork(scope, messageId, { ...body, idempotencyKey });
    return this.followable.created(scope, message);
  }

  @Get('tool-calls')
  @ApiOperation({
    summary: 'Tool calls of a run',
    description: 'Full arguments and results, in the order in which the calls started.',
  })
  @ApiOkResponse({ type: ToolCallView, isArray: true })
  @ApiProblems('invalid_message_id', 'message_not_found', 'events_expired')
  async toolCalls(
    @CurrentScope() scope: Scope,
    @Param('message_id', MessageIdPipe) messageId: string,
  ): Promise<ToolCallView[]> {
    return (await this.runs.toolCalls(scope, messageId)).map(toToolCallView);
  }
}
