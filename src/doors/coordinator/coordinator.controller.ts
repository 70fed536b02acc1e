import { applyDecorators, Body, Controller, RequestMethod, Req, Res, Sse } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { AgentRegistry } from '../../agent/index.js';
import { AppError, type Scope } from '../../common/index.js';
import { IdempotencyKey } from '../../messages/http/index.js';
import type { AdHocWorkflow } from '../../messages/index.js';
import { ApiProblems, CurrentPerson, CurrentScope, ResumePoint } from '../../platform/http/index.js';
import {
  RunHierarchicalDto,
  RunParallelDto,
  RunSequentialDto,
  RunWorkflowDto,
  type RunDto,
} from './coordinator-dtos.js';
import { WorkflowRuns, type WorkflowRun } from './workflow-runs.js';

const EXAMPLE = {
  message_id: '68eb95dcac4dd9ac2789890e',
  chat_id: '550e8400-e29b-41d4-a716-446655440000',
  stream_url: '/api/chats/550e8400-e29b-41d4-a716-446655440000/messages/68eb95dcac4dd9ac2789890e/stream',
  workflow: 'review',
  strategy: 'sequential',
};
const STEP = { call_id: 'call_1', agent: 'researcher', status: 'ok', duration_ms: 2100, result: 'CSR: …' };

/** What all four routes say about themselves. */
function RunsWorkflow(path: string, summary: string): MethodDecorator {
  const json = (example: object): object => ({ 'application/json': { example } });
  const usage = { prompt_tokens: 1200, completion_tokens: 320, total_tokens: 1520 };
  const result = { ...EXAMPLE, status: 'completed', result: '…', steps: [STEP], duration_ms: 4200, usage };
  return applyDecorators(
    Sse(path, { method: RequestMethod.POST }),
    ApiOperation({
      summary,
      description:
        'A workflow is a run in a chat of its own. The answer is its result, whatever its status; with `Prefer: respond-async` it is 202 at once, with `Prefer: wait=30` 202 after 30 s, with `Accept: text/event-stream` the stream of the run. A run that waits for a person, or that outlives this server, gets 202, too. Hanging up does not stop it.',
    }),
    ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Makes the request repeatable.' }),
    ApiHeader({
      name: 'Prefer',
      required: false,
      description: '`respond-async` or `wait=SECONDS` (RFC 7240).',
    }),
    ApiQuery({ name: 'user_id', required: false, description: 'For callers who may act for anybody.' }),
    ApiOkResponse({
      description: 'The run has ended.',
      content: { ...json(result), 'text/event-stream': { example: 'event: start\n…' } },
    }),
    ApiAcceptedResponse({
      description: 'The run goes on: follow it at `stream_url`.',
      content: json({ ...EXAMPLE, status: 'processing' }) as never,
    }),
    ApiProblems(
      'validation_failed',
      'invalid_json',
      'invalid_user_id',
      'invalid_idempotency_key',
      'unknown_event_id',
      'unknown_agent',
      'unknown_workflow',
      'invalid_workflow',
      'user_not_found',
      'cross_site',
      'events_expired',
      'body_too_large',
      'too_large_to_store',
      'unsupported_media_type',
      'idempotency_key_reused',
      'budget_exceeded',
      'too_many_streams_of_message',
      'too_many_streams',
      'queue_full',
    ),
  );
}

/** Runs workflows. */
@ApiTags('coordinator')
@Controller('coordinator')
export class CoordinatorController {
  constructor(
    private readonly workflows: WorkflowRuns,
    private readonly agents: AgentRegistry,
  ) {}

  @RunsWorkflow('sequential', 'Run agents one after the other')
  sequential(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @IdempotencyKey() key: string | undefined,
    @ResumePoint() after: string | undefined,
    @Body() body: RunSequentialDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<Observable<never>> {
    const run = this.adHoc(body, { strategy: 'sequential', agents: body.agents });
    return this.workflows.answer({ scope, userId, key, after, request, response }, run);
  }

  @RunsWorkflow('parallel', 'Run agents side by side')
  parallel(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @IdempotencyKey() key: string | undefined,
    @ResumePoint() after: string | undefined,
    @Body() body: RunParallelDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<Observable<never>> {
    const run = this.adHoc(body, { strategy: 'parallel', agents: body.agents, lead: body.lead ?? undefined });
    return this.workflows.answer({ scope, userId, key, after, request, response }, run);
  }

  @RunsWorkflow('hierarchical', 'Run agents that another one directs')
  hierarchical(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @IdempotencyKey() key: string | undefined,
    @ResumePoint() after: string | undefined,
    @Body() body: RunHierarchicalDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<Observable<never>> {
    const run = this.adHoc(body, { strategy: 'hierarchical', agents: body.agents, lead: body.lead });
    return this.workflows.answer({ scope, userId, key, after, request, response }, run);
  }

  @RunsWorkflow('workflow', 'Run a workflow of this deployment')
  workflow(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @IdempotencyKey() key: string | undefined,
    @ResumePoint() after: string | undefined,
    @Body() body: RunWorkflowDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<Observable<never>> {
    return this.workflows.answer({ scope, userId, key, after, request, response }, this.named(body));
  }

  /** @throws AppError 400 `unknown_agent`, `invalid_workflow`: before anything is stored. */
  private adHoc({ prompt, metadata }: RunDto, workflow: AdHocWorkflow): WorkflowRun {
    const { name } = this.agents.adHoc(workflow);
    return { name, strategy: workflow.strategy, input: { content: prompt, metadata, workflow } };
  }

  /** @throws AppError 400 `unknown_workflow`. */
  private named({ prompt, metadata, workflow: name }: RunWorkflowDto): WorkflowRun {
    const agent = this.agents.find(name);
    if (agent?.kind !== 'workflow') throw new AppError('unknown_workflow', { workflow: name });
    return { name, strategy: agent.strategy, input: { content: prompt, metadata, agent: name } };
  }
}
