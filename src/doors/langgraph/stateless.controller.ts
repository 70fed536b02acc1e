import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Scope } from '../../common/index.js';
import { ApiProblems, CurrentPerson, CurrentScope } from '../../platform/http/index.js';
import { LangGraphRoute, RUN_HEADERS, RUN_PROBLEMS } from './api-docs.js';
import { MODES_OF_A_RUN } from './dialect/modes.js';
import { StatelessRunDto } from './dto/run.dto.js';
import { modesOf } from './runs/modes-of.js';
import { nameRun } from './runs/run-streams.js';
import { RunView } from './runs/run.view.js';
import { ThreadRuns } from './runs/thread-runs.js';

/** Runs in threads of their own. */
@LangGraphRoute()
@Controller('langgraph/runs')
export class LangGraphStatelessRunsController {
  constructor(private readonly runs: ThreadRuns) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Begin a run in a thread of its own, in the background',
    description: 'The thread is kept: the answer names it.',
  })
  @ApiOkResponse({ type: RunView, headers: RUN_HEADERS })
  @ApiProblems(...RUN_PROBLEMS)
  async create(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Body() body: StatelessRunDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunView> {
    const { chat, run } = await this.runs.begin({ scope, userId }, undefined, body);
    nameRun(response, { chat, runId: run.runId, modes: modesOf(body.stream_mode, MODES_OF_A_RUN) });
    return this.runs.view(scope, chat, run.runId);
  }

  @Post('wait')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Begin a run in a thread of its own and wait for it',
    description: 'Answers with the state of the thread; `Content-Location` names it.',
  })
  @ApiOkResponse({ schema: { type: 'object' }, headers: RUN_HEADERS })
  @ApiProblems(...RUN_PROBLEMS)
  wait(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Body() body: StatelessRunDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object | undefined> {
    return this.runs.wait({ scope, userId }, { body }, response);
  }
}
