import { Injectable } from '@nestjs/common';
import { AppError, type Scope } from '../../common/index.js';
import { ApprovalsService, RunsService } from '../../runs/index.js';
import { invalid } from './request/parse.js';
import type { GivenApproval } from './request/response-request.js';

/** What people have decided about calls, in requests of OpenAI's clients. */
@Injectable()
export class OpenAiDecisions {
  constructor(
    private readonly approvals: ApprovalsService,
    private readonly runs: RunsService,
  ) {}

  /**
   * Decides calls of one run. A decision that is there already may be repeated.
   * @returns the message; nothing if nothing is to be decided.
   * @throws AppError `response_not_found`, `approval_not_found`, `approval_already_decided`, `validation_failed`.
   */
  async decide(scope: Scope, given: readonly GivenApproval[]): Promise<string | undefined> {
    const [first] = given;
    if (!first) return undefined;
    const { messageId } = first;
    if (given.some((one) => one.messageId !== messageId))
      throw invalid('input', 'has approvals of several responses: send them one by one');
    for (const one of given) await this.decideOne(scope, one);
    return messageId;
  }

  /** The calls of a run that people have decided, whether or not its log says so yet. */
  async decided(scope: Scope, messageId: string): Promise<Set<string>> {
    const calls = await this.runs.toolCalls(scope, messageId);
    const isDecided = calls.filter(({ approval }) => approval && approval.state !== 'pending');
    return new Set(isDecided.map(({ call_id }) => call_id));
  }

  private async decideOne(
    scope: Scope,
    { messageId, callId, approve, reason }: GivenApproval,
  ): Promise<void> {
    try {
      const decision = approve ? ('approve' as const) : ('reject' as const);
      await this.approvals.decide(scope, messageId, { callId, decision, reason });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'message_not_found')
        throw new AppError('response_not_found', { id: `resp_${messageId}` });
      if (
        error.code !== 'approval_already_decided' ||
        !(await this.isSame(scope, { messageId, callId, approve }))
      )
        throw error;
    }
  }

  private async isSame(
    scope: Scope,
    { messageId, callId, approve }: Pick<GivenApproval, 'messageId' | 'callId' | 'approve'>,
  ): Promise<boolean> {
    const calls = await this.runs.toolCalls(scope, messageId);
    const approval = calls.find(({ call_id }) => call_id === callId)?.approval;
    return approval?.state === (approve ? 'approved' : 'rejected');
  }
}
