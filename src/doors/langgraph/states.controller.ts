import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { isJsonObject, type Scope } from '../../common/index.js';
import { ApiProblems, CurrentPerson, CurrentScope } from '../../platform/http/index.js';
import { ApiThread, LangGraphRoute, THREAD_PROBLEMS } from './api-docs.js';
import { StateQueryDto } from './dto/runs-query.dto.js';
import { HistoryDto, StateAtDto } from './dto/thread.dto.js';
import { picked } from './picked.js';
import { checkpointIn } from './runs/run-requests.js';
import { wrong } from './runs/question.js';
import { ThreadIdPipe } from './thread-id.pipe.js';
import { ThreadStates, type ThreadState } from './threads/thread-states.js';
import { Threads, type Person } from './threads/threads.js';

const BODY_PROBLEMS = [
  ...(['validation_failed', 'invalid_json', 'body_too_large', 'unsupported_media_type'] as const),
  'checkpoint_not_found' as const,
];

const EXAMPLE = {
  values: { messages: [{ type: 'human', id: '68eb95dcac4dd9ac2789890e', content: 'Hvad er CSR-kravene?' }] },
  next: [],
  tasks: [],
  checkpoint: { thread_id: '550e8400-…', checkpoint_ns: '', checkpoint_id: '68eb95dcac4dd9ac2789890e.1' },
  metadata: { source: 'loop', step: 1 },
  created_at: '2025-10-12T10:01:15.254Z',
  parent_checkpoint: {
    thread_id: '550e8400-…',
    checkpoint_ns: '',
    checkpoint_id: '68eb95dcac4dd9ac2789890e.0',
  },
};
const STATE = { schema: { type: 'object' as const }, example: EXAMPLE };

/** States of threads: one after each question, one after each answer. */
@LangGraphRoute()
@ApiThread()
@Controller('langgraph/threads/:thread_id')
export class LangGraphStatesController {
  constructor(
    private readonly threads: Threads,
    private readonly states: ThreadStates,
  ) {}

  @Get('state')
  @ApiOperation({
    summary: 'The state of a thread',
    description: 'The newest one. While a run is at work, with what it has said so far.',
  })
  @ApiOkResponse(STATE)
  @ApiProblems(...THREAD_PROBLEMS, 'validation_failed')
  state(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
    @Query() { select }: StateQueryDto,
  ): Promise<Partial<ThreadState>> {
    return this.at({ scope, userId }, threadId, { select: select });
  }

  @Get('state/:checkpoint_id')
  @ApiParam({ name: 'checkpoint_id', example: '68eb95dcac4dd9ac2789890e.1' })
  @ApiOperation({ summary: 'The state of a thread at a checkpoint', description: 'On any branch.' })
  @ApiOkResponse(STATE)
  @ApiProblems(...THREAD_PROBLEMS, 'validation_failed', 'checkpoint_not_found')
  stateAt(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
    @Param('checkpoint_id') checkpointId: string,
    @Query() { select }: StateQueryDto,
  ): Promise<Partial<ThreadState>> {
    const checkpoint = checkpointIn({ checkpoint_id: checkpointId });
    return this.at({ scope, userId }, threadId, { checkpoint, select: select });
  }

  @Post('state/checkpoint')
  @HttpCode(200)
  @ApiOperation({ summary: 'The state of a thread at a checkpoint', description: 'Named by an object.' })
  @ApiOkResponse(STATE)
  @ApiProblems(...THREAD_PROBLEMS, ...BODY_PROBLEMS)
  stateOf(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
    @Body() { checkpoint, select }: StateAtDto,
  ): Promise<Partial<ThreadState>> {
    return this.at({ scope, userId }, threadId, {
      checkpoint: checkpointIn({ checkpoint: checkpoint ?? null }),
      select,
    });
  }

  @Post('history')
  @HttpCode(200)
  @ApiOperation({
    summary: 'The states of a thread',
    description:
      'Newest first, on all branches: `parent_checkpoint` says which one follows which. A question that was edited or asked again has its versions there.',
  })
  @ApiOkResponse({ schema: { type: 'array', items: { type: 'object' } }, example: [EXAMPLE] })
  @ApiProblems(...THREAD_PROBLEMS, ...BODY_PROBLEMS)
  async history(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
    @Body() { limit, before, metadata, checkpoint, select }: HistoryDto,
  ): Promise<Partial<ThreadState>[]> {
    const chat = await this.threads.get({ scope, userId }, threadId);
    // Of what agents do that others have started there are no states.
    if (isBelow(checkpoint)) return [];
    const thread = await this.states.read(scope, chat);
    const states = await this.states.history(scope, thread, {
      limit: Math.min(limit ?? 10, MOST_STATES),
      before: beforeIn(before),
    });
    const wanted = Object.entries(metadata ?? {});
    const fitting = states.filter((state) => wanted.every(([key, value]) => state.metadata[key] === value));
    return fitting.map((state) => picked(state, select));
  }

  private async at(
    { scope, userId }: Person,
    threadId: string,
    {
      checkpoint,
      select,
    }: { checkpoint?: string | undefined; select?: readonly string[] | null | undefined },
  ): Promise<Partial<ThreadState>> {
    const thread = await this.states.read(scope, await this.threads.get({ scope, userId }, threadId));
    const state =
      checkpoint === undefined
        ? await this.states.current(scope, thread)
        : await this.states.at(scope, thread, checkpoint);
    return picked(state, select);
  }
}

/** Each of them has all messages before it. */
const MOST_STATES = 100;

const isBelow = (checkpoint: Readonly<Record<string, unknown>> | null | undefined): boolean =>
  typeof checkpoint?.['checkpoint_ns'] === 'string' && checkpoint['checkpoint_ns'] !== '';

/** A checkpoint as clients name it: by its id, as an object, or in the config of LangChain. */
function beforeIn(before: unknown): string | undefined {
  if (before === undefined || before === null) return undefined;
  const outer = isJsonObject(before) ? (before['configurable'] ?? before) : { checkpoint_id: before };
  const id = isJsonObject(outer) ? outer['checkpoint_id'] : undefined;
  if (typeof id !== 'string') throw wrong('before', 'must be a checkpoint: its id, or an object that has it');
  return checkpointIn({ checkpoint_id: id });
}
