import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Scope } from '../../common/index.js';
import { ApiProblems, CurrentPerson, CurrentScope, MessageIdPipe } from '../../platform/http/index.js';
import {
  ApiRun,
  ApiThread,
  LangGraphRoute,
  RUN_HEADERS,
  THREAD_PROBLEMS,
  THREAD_RUN_PROBLEMS,
} from './api-docs.js';
import { MODES_OF_A_RUN } from './dialect/modes.js';
import { RunDto } from './dto/run.dto.js';
import { CancelQueryDto, RunsQueryDto } from './dto/runs-query.dto.js';
import { modesOf } from './runs/modes-of.js';
import { nameRun } from './runs/run-streams.js';
import { RunView } from './runs/run.view.js';
import { ThreadRuns } from './runs/thread-runs.js';
import { ThreadIdPipe } from './thread-id.pipe.js';

const VALUES = {
  schema: { type: 'object' as const },
  example: { messages: [{ type: 'ai', content: 'Response text…' }] },
};
const ONE_RUN = [...THREAD_PROBLEMS, 'invalid_message_id', 'message_not_found'] as const;

/** Messages with their runs as runs. */
@LangGraphRoute()
@ApiThread()
@Controller('langgraph/threads/:thread_id/runs')
export class LangGraphRunsController {
  constructor(private readonly runs: ThreadRuns) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Begin a run in the background',
    description:
      'Like `POST /api/chats/{chat_id}/messages`: it begins at once, whether or not anybody follows it.',
  })
  @ApiOkResponse({ type: RunView, headers: RUN_HEADERS })
  @ApiProblems(...THREAD_RUN_PROBLEMS)
  async create(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
    @Body() body: RunDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunView> {
    const { chat, run } = await this.runs.begin({ scope, userId }, threadId, body);
    nameRun(response, { chat, runId: run.runId, modes: modesOf(body.stream_mode, MODES_OF_A_RUN) });
    return this.runs.view(scope, chat, run.runId);
  }

  @Post('wait')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Begin a run and wait for it',
    description:
      'Answers with the state of the thread when the run has ended, or when people have to decide (`__interrupt__`). If it failed: `__error__`.',
  })
  @ApiOkResponse({ ...VALUES, headers: RUN_HEADERS })
  @ApiProblems(...THREAD_RUN_PROBLEMS)
  wait(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
    @Body() body: RunDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object | undefined> {
    return this.runs.wait({ scope, userId }, { threadId, body }, response);
  }

  @Get()
  @ApiOperation({ summary: 'The runs of a thread', description: 'Newest first.' })
  @ApiOkResponse({ type: RunView, isArray: true })
  @ApiProblems(...THREAD_PROBLEMS, 'validation_failed')
  list(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
    @Query() query: RunsQueryDto,
  ): Promise<RunView[]> {
    return this.runs.list({ scope, userId }, threadId, query);
  }

  @Get(':run_id')
  @ApiRun()
  @ApiOperation({ summary: 'A run', description: 'How it stands.' })
  @ApiOkResponse({ type: RunView })
  @ApiProblems(...ONE_RUN)
  async get(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
    @Param('run_id', MessageIdPipe) runId: string,
  ): Promise<RunView> {
    return this.runs.get({ scope, userId }, threadId, runId);
  }

  @Get(':run_id/join')
  @ApiRun()
  @ApiOperation({
    summary: 'Wait for a run',
    description:
      'Answers with the state of the thread when the run has ended, or when people have to decide.',
  })
  @ApiOkResponse(VALUES)
  @ApiProblems(...ONE_RUN, 'events_expired', 'too_many_streams', 'too_many_streams_of_message')
  join(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
    @Param('run_id', MessageIdPipe) runId: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object | undefined> {
    return this.runs.join({ scope, userId }, { threadId, runId }, response);
  }

  @Post(':run_id/cancel')
  @HttpCode(202)
  @ApiRun()
  @ApiOperation({ summary: 'Stop a run', description: 'What was said is kept. Stopping twice does no harm.' })
  @ApiAcceptedResponse({ description: 'It was asked to stop; with `wait=1`, it has.' })
  @ApiProblems(
    ...ONE_RUN,
    'validation_failed',
    'events_expired',
    'too_many_streams',
    'too_many_streams_of_message',
  )
  async cancel(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
    @Param('run_id', MessageIdPipe) runId: string,
    @Query() { wait }: CancelQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const person = { scope, userId };
    await this.runs.cancel(person, threadId, runId);
    if (wait === '1' || wait === 'true') await this.runs.join(person, { threadId, runId }, response);
  }
}
