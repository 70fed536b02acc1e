import { Injectable } from '@nestjs/common';
import { AppError, clip, Clock, type FieldError } from '../../common/index.js';
import { ARGUMENTS_MAX_CHARS } from '../../models/index.js';
import { ToolRegistry } from '../../tools/index.js';
import { ApprovalJournal, type CallKey } from './approval-journal.js';
import type { CallDecision } from './call-approval.js';

/** What a person says about a call. */
export interface GivenDecision {
  decision: 'approve' | 'reject';
  reason?: string | undefined;
  /** Instead of the arguments that the model wrote; only with `approve`. */
  arguments?: Readonly<Record<string, unknown>> | undefined;
  /** Id of the user who decides, if known. */
  by?: string | undefined;
}

/** Decides calls that wait for approval. */
@Injectable()
export class CallApprovals {
  constructor(
    private readonly journal: ApprovalJournal,
    private readonly tools: ToolRegistry,
    private readonly clock: Clock,
  ) {}

  /**
   * Stores the first decision about a call. Its run has to be told.
   * @throws AppError `approval_not_found`, `approval_already_decided`, also when it has expired or its run has ended;
   * `invalid_tool_arguments` if the tool does not take the changed arguments: nothing is decided then.
   */
  async decide(key: CallKey, given: GivenDecision): Promise<CallDecision> {
    const call = await this.journal.find(key);
    const shownId = clip(key.call_id, 100);
    if (!call) throw new AppError('approval_not_found', { id: shownId });
    const now = new Date(this.clock.now());
    const { state, expires_at } = call.approval;
    const isOpen = call.status === 'running' && state === 'pending' && expires_at > now;
    if (!isOpen) throw new AppError('approval_already_decided', { id: shownId });
    const decision = toDecision(given, now);
    if (decision.arguments !== undefined) this.check(call.name, decision.arguments);
    if (!(await this.journal.decide(key, decision)))
      throw new AppError('approval_already_decided', { id: shownId });
    return decision;
  }

  private check(tool: string, text: string): void {
    const errors = text.length > ARGUMENTS_MAX_CHARS ? TOO_LONG : this.tools.faults(tool, text);
    if (errors.length === 0) return;
    const fields = errors.map(({ field, message }) => ({
      field: field === '' ? 'arguments' : `arguments.${field}`,
      message,
    }));
    throw new AppError('invalid_tool_arguments', { tool, errors: fields });
  }
}

const TOO_LONG: FieldError[] = [
  { field: '', message: `must be at most ${ARGUMENTS_MAX_CHARS} characters of JSON` },
];

function toDecision({ decision, reason, by, arguments: changed }: GivenDecision, now: Date): CallDecision {
  return {
    state: decision === 'approve' ? 'approved' : 'rejected',
    decided_at: now,
    ...(by !== undefined && { decided_by: by }),
    ...(reason !== undefined && { reason }),
    ...(changed !== undefined && { arguments: JSON.stringify(changed) }),
  };
}
