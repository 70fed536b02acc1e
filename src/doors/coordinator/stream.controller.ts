import { Controller, Get, Param, Query, Res, Sse } from '@nestjs/common';
import {
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import { AgentRegistry } from '../../agent/index.js';
import { AppError, clip, type Scope } from '../../common/index.js';
import { IdempotencyKey } from '../../messages/http/index.js';
import { DoorRuns } from '../../messages/index.js';
import {
  ApiProblems,
  CurrentPerson,
  CurrentScope,
  ForWriters,
  ResumePoint,
} from '../../platform/http/index.js';
import { AnswerStreams } from '../../streams/http/index.js';
import { v1 } from '../../streams/index.js';
import { AgentStreams, STREAM_DOOR } from './agent-streams.js';
import { FIGURES_EXAMPLE, summed, summedBy, type Figures } from './figures.js';
import { PersonStarts } from './person-starts.js';
import { PromptPipe } from './prompt.pipe.js';

const SHOWN_CHARS = 100;

/** Agents that are asked with a GET, for an `EventSource`. */
@ApiTags('coordinator')
@Controller('stream')
export class AgentStreamController {
  constructor(
    private readonly streams: AgentStreams,
    private readonly answers: AnswerStreams,
    private readonly agents: AgentRegistry,
    private readonly runs: DoorRuns,
  ) {}

  @Get('stats')
  @ApiOperation({
    summary: 'Figures of all agents',
    description: "The tenant's runs that were begun at `GET /api/stream/{agent}`, as they are stored.",
  })
  @ApiOkResponse({
    description: 'The figures.',
    example: { since: null, ...FIGURES_EXAMPLE, by_agent: { assistant: FIGURES_EXAMPLE } },
    schema: { type: 'object', additionalProperties: true },
  })
  async stats(
    @CurrentScope() scope: Scope,
  ): Promise<Figures & { since: Date | null; by_agent: Record<string, Figures> }> {
    const { since, runs } = await this.runs.figures(scope, STREAM_DOOR);
    return { since, ...summed(runs), by_agent: summedBy(runs, ({ agent }) => agent) };
  }

  @Get('stats/:agent')
  @ApiOperation({
    summary: 'Figures of one agent',
    description: 'The same for one agent of `GET /api/agents`.',
  })
  @ApiParam({ name: 'agent', example: 'assistant' })
  @ApiOkResponse({
    description: 'The figures.',
    example: { agent: 'assistant', since: null, ...FIGURES_EXAMPLE },
    schema: { type: 'object', additionalProperties: true },
  })
  @ApiProblems('agent_not_found')
  async statsOf(
    @CurrentScope() scope: Scope,
    @Param('agent') name: string,
  ): Promise<Figures & { agent: string; since: Date | null }> {
    const agent = this.requireAgent(name);
    const { since, runs } = await this.runs.figures(scope, STREAM_DOOR, agent);
    return { agent, since, ...summed(runs) };
  }

  @Sse(':agent')
  @ForWriters()
  @ApiOperation({
    summary: 'Ask an agent and follow its answer',
    description:
      'For an `EventSource`: begins a run in a chat of its own and streams it. A reconnect with `Last-Event-ID` continues that run, whatever was seen of it. Since this GET starts something, browsers must not prefetch it, pages of other sites may not open it, and a token must be allowed to write.',
  })
  @ApiParam({ name: 'agent', example: 'assistant' })
  @ApiQuery({ name: 'prompt', example: 'What do the documents say about CSR?' })
  @ApiQuery({ name: 'user_id', required: false, description: 'For callers who may act for anybody.' })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'What the client has seen of the run it began.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Makes the request repeatable.' })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({
    description: 'The events as frames. `X-Message-Id` and `X-Stream-Url` name the run.',
    content: {
      'text/event-stream': {
        example:
          'id: 68eb95dcac4dd9ac2789890e\n\nevent: start\nid: 1760270888823_0000_a26344ee\ndata: {"v":1,"type":"start",…}\n',
      },
    },
  })
  @ApiProblems(
    'validation_failed',
    'invalid_user_id',
    'invalid_idempotency_key',
    'unknown_event_id',
    'user_not_found',
    'message_not_found',
    'agent_not_found',
    'prefetch_refused',
    'method_not_allowed',
    'cross_site',
    'events_expired',
    'idempotency_key_reused',
    'budget_exceeded',
    'too_many_streams_of_message',
    'too_many_streams',
    'queue_full',
  )
  async stream(
    @PersonStarts() _: true,
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('agent') name: string,
    @Query('prompt', PromptPipe) prompt: string,
    @IdempotencyKey() key: string | undefined,
    @ResumePoint() seen: string | undefined,
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    const prompted = { userId, agent: this.requireAgent(name), prompt, key };
    const known = seen === undefined ? undefined : await this.streams.resumed(scope, prompted, seen);
    return this.answers.open({ scope, response, dialect: v1, after: known?.after }, async () => {
      const { message_id, chat_id } = known ?? (await this.streams.begin(scope, prompted));
      return { message_id, chat_id, ...(!known && { greeting: `id: ${message_id}\n\n` }) };
    });
  }

  private requireAgent(name: string): string {
    if (this.agents.find(name)) return name;
    throw new AppError('agent_not_found', { id: clip(name, SHOWN_CHARS) });
  }
}
