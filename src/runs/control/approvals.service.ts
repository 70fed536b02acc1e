import { Injectable } from '@nestjs/common';
import { CallApprovals, type CallDecision, type GivenDecision } from '../../agent/index.js';
import { AuditLog } from '../../audit/index.js';
import type { Scope } from '../../common/index.js';
import { MessagesService } from '../../messages/index.js';
import { RunWaking } from './run-waking.js';

/** The use case around approvals: people decide about the calls of their runs. */
@Injectable()
export class ApprovalsService {
  constructor(
    private readonly messages: MessagesService,
    private readonly approvals: CallApprovals,
    private readonly waking: RunWaking,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Decides a call, and continues its run.
   * @throws AppError `message_not_found`, `approval_not_found`, `approval_already_decided`, `invalid_tool_arguments`.
   */
  async decide(
    scope: Scope,
    messageId: string,
    { callId, ...given }: GivenDecision & { callId: string },
  ): Promise<CallDecision> {
    const { user_id } = await this.messages.getQuestion(scope, messageId);
    const by = typeof scope.user === 'string' ? { by: scope.user } : {};
    const key = { tenant: scope.tenant, message_id: messageId, call_id: callId };
    const decision = await this.approvals.decide(key, { ...given, ...by });
    await this.waking.wake(messageId);
    await this.audit.record(scope, {
      action: 'approval_decided',
      user: user_id,
      object: { kind: 'message', id: messageId },
      detail: { call_id: callId, decision: given.decision, arguments_changed: given.arguments !== undefined },
    });
    return decision;
  }
}
