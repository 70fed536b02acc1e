import { Body, Controller, Param, Query, RequestMethod, Res, Sse } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiQuery } from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import type { Scope } from '../../common/index.js';
import {
  ApiProblems,
  CurrentPerson,
  CurrentScope,
  MessageIdPipe,
  ResumePoint,
} from '../../platform/http/index.js';
import {
  ApiRun,
  ApiThread,
  LangGraphRoute,
  RUN_HEADERS,
  RUN_PROBLEMS,
  STREAM_EXAMPLE,
  THREAD_PROBLEMS,
  THREAD_RUN_PROBLEMS,
} from './api-docs.js';
import { STREAM_MODES } from './dialect/modes.js';
import { RunDto, StatelessRunDto } from './dto/run.dto.js';
import { lastSeen } from './resume-point.js';
import { modesInQuery } from './runs/modes-of.js';
import { StreamedRuns } from './runs/streamed-runs.js';
import { ThreadIdPipe } from './thread-id.pipe.js';

const FRAMES = {
  description: 'The run as frames; each of its events has one with its id.',
  content: { 'text/event-stream': { example: STREAM_EXAMPLE } },
};
const MODES = {
  name: 'stream_mode',
  required: false,
  enum: STREAM_MODES,
  isArray: true,
  description: 'What the stream has. Default: `values`, `messages-tuple`, `updates`, `custom`.',
};
const SEEN = {
  name: 'Last-Event-ID',
  required: false,
  description: 'Resume point; `-1`: from the first event.',
};
const FOLLOW = [
  ...THREAD_PROBLEMS,
  ...(['validation_failed', 'events_expired', 'unknown_event_id'] as const),
  ...(['too_many_streams', 'too_many_streams_of_message'] as const),
] as const;

/** Runs as streams. */
@LangGraphRoute()
@Controller('langgraph')
export class LangGraphStreamsController {
  constructor(private readonly runs: StreamedRuns) {}

  @Sse('threads/:thread_id/runs/stream', { method: RequestMethod.POST })
  @ApiThread()
  @ApiOperation({
    summary: 'Begin a run and follow it',
    description:
      'The stream ends when the run has ended, or when people have to decide: answer with `command.resume`. The run goes on if the connection is lost: `Location` is where to follow it.',
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ ...FRAMES, headers: RUN_HEADERS })
  @ApiProblems(...THREAD_RUN_PROBLEMS)
  begin(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
    @Body() body: RunDto,
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    return this.runs.begin({ scope, userId }, { threadId, body }, response);
  }

  @Sse('runs/stream', { method: RequestMethod.POST })
  @ApiOperation({
    summary: 'Begin a run in a thread of its own and follow it',
    description: 'The thread is kept: `Content-Location` names it.',
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ ...FRAMES, headers: RUN_HEADERS })
  @ApiProblems(...RUN_PROBLEMS)
  beginAlone(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Body() body: StatelessRunDto,
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    return this.runs.begin({ scope, userId }, { body }, response);
  }

  @Sse('threads/:thread_id/runs/:run_id/stream')
  @ApiThread()
  @ApiRun()
  @ApiQuery(MODES)
  @ApiHeader(SEEN)
  @ApiOperation({
    summary: 'Follow a run',
    description:
      'Everything after the last event seen, then live; without one, from the first event. Behind the last event there is only `end`.',
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse(FRAMES)
  @ApiProblems(...FOLLOW, 'invalid_message_id', 'message_not_found')
  join(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
    @Param('run_id', MessageIdPipe) runId: string,
    @Query('stream_mode') modes: unknown,
    @ResumePoint() after: string | undefined,
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    const followed = { threadId, runId, modes: modesInQuery(modes), after: lastSeen(after) };
    return this.runs.join({ scope, userId }, followed, response);
  }

  @Sse('threads/:thread_id/stream')
  @ApiThread()
  @ApiQuery(MODES)
  @ApiHeader(SEEN)
  @ApiOperation({
    summary: 'Follow a thread',
    description: 'Its newest run, until that ends. A thread without runs has only `end`.',
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse(FRAMES)
  @ApiProblems(...FOLLOW)
  thread(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
    @Query('stream_mode') modes: unknown,
    @ResumePoint() after: string | undefined,
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    const followed = { threadId, modes: modesInQuery(modes), after: lastSeen(after) };
    return this.runs.joinThread({ scope, userId }, followed, response);
  }
}
