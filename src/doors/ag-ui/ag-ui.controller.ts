import { Body, Controller, Param, Query, RequestMethod, Res, Sse } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import { AgentRegistry } from '../../agent/index.js';
import { AppError, cleanText, clip, type Scope } from '../../common/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import { ApiProblems, CurrentPerson, CurrentScope } from '../../platform/http/index.js';
import { ClientDecisions, type ClientDecision } from '../../runs/http/index.js';
import { StreamPlaces } from '../../streams/index.js';
import { decisionsOf, knowsCalls, questionOf } from './ag-request.js';
import { AgStreams } from './ag-streams.js';
import { AgThreads, type Asker } from './ag-threads.js';
import { AgUiQueryDto, RunAgentDto } from './run-agent.dto.js';

/** The run that a request is about. */
interface Chosen {
  question: MessageDocument | undefined;
  joins: boolean;
  decisions?: ClientDecision[];
}

/** Agents for AG-UI's `HttpAgent`: `url: '/api/ag-ui/assistant'`. */
@ApiTags('ag-ui')
@Controller('ag-ui/:agent')
export class AgUiController {
  constructor(
    private readonly agents: AgentRegistry,
    private readonly threads: AgThreads,
    private readonly decisions: ClientDecisions,
    private readonly streams: AgStreams,
    private readonly places: StreamPlaces,
  ) {}

  @Sse('', { method: RequestMethod.POST })
  @ApiOperation({
    summary: 'Run an agent as AG-UI 1.0 does',
    description:
      'A new message of the user starts a run. Without one, the client joins the newest run of the thread: everything so far as a snapshot, then the rest. A run that waits for approvals ends with interrupts, which `resume` answers. The run goes on when the client hangs up.',
  })
  @ApiParam({ name: 'agent', example: 'assistant', description: 'One of `GET /api/agents`.' })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({
    description: 'Events of AG-UI.',
    content: {
      'text/event-stream': { example: 'data: {"type":"RUN_STARTED","threadId":"t","runId":"r"}\n\n' },
    },
  })
  @ApiProblems(
    ...(['validation_failed', 'invalid_json', 'invalid_user_id', 'unknown_agent', 'user_not_found'] as const),
    ...([
      'message_not_found',
      'approval_not_found',
      'chat_busy',
      'events_expired',
      'body_too_large',
    ] as const),
    ...(['too_large_to_store', 'unsupported_media_type', 'idempotency_key_reused'] as const),
    ...(['invalid_attachments', 'invalid_tool_arguments', 'chat_queue_full', 'queue_full'] as const),
    ...(['budget_exceeded', 'too_many_streams', 'too_many_streams_of_message'] as const),
    ...(['empty_file', 'unsupported_file_type', 'file_too_large', 'unreadable_file'] as const),
    ...(['file_without_text', 'file_text_too_long', 'file_storage_full'] as const),
  )
  async run(
    @CurrentScope() scope: Scope,
    @CurrentPerson() person: string,
    @Param('agent') agent: string,
    @Query() { on_busy }: AgUiQueryDto,
    @Body() input: RunAgentDto,
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    if (!this.agents.find(agent)) throw new AppError('unknown_agent', { agent: clip(cleanText(agent), 100) });
    const asker = { scope, person, agent, threadId: input.threadId, on_busy };
    const place = this.places.reserve();
    try {
      const { question, ...how } = await this.choose(asker, input);
      const stream = { scope, response, place, ids: input };
      if (question && question.run?.events_expired === undefined)
        return await this.streams.open({ ...stream, question, ...how });
      place.release();
      return await this.streams.withoutLog(stream, question);
    } catch (error) {
      place.release();
      throw error;
    }
  }

  private async choose(asker: Asker, input: RunAgentDto): Promise<Chosen> {
    const decisions = decisionsOf(input.resume ?? []);
    if (decisions.length > 0) {
      const question = await this.threads.newest(asker);
      if (!question) throw new AppError('approval_not_found', { id: decisions[0]?.callId ?? '' });
      await this.decisions.take(asker.scope, question._id.toHexString(), decisions);
      return { question, joins: !knowsCalls(input, decisions), decisions };
    }
    const asked = questionOf(input);
    const question = asked && (await this.threads.ask(asker, asked));
    if (question) return { question, joins: false };
    return { question: await this.threads.newest(asker), joins: true };
  }
}
