import { Injectable } from '@nestjs/common';
import type { EventBody } from '@reprise/protocol';
import { Clock, type TenantId } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { resolution } from './approval-events.js';
import { ApprovalJournal } from './approval-journal.js';
import type { CallApproval } from './call-approval.js';
import { asChild } from '../loop/child-log.js';
import { ToolJournal, type JournaledCall, type JournalKey } from './tool-journal.js';
import { failed, outcomeOf, toolEnd } from './tool-execution.js';

const UNKNOWN = failed('outcome_unknown', 'outcome unknown: the run ended while the tool ran');
const NEVER_RAN = failed('cancelled', 'not run: the run ended first');

/** A tool call whose end is not in the log. */
export interface OpenCall {
  call_id: string;
  name: string;
  /** The call that has started the agent that requested it. */
  parent_call_id?: string | undefined;
  /** `asked`: nobody has decided it, as far as the log knows; `decided`: it has not started; `started`. */
  state: 'asked' | 'decided' | 'started';
}

/** The tool calls of a run that ends before its agent has ended them: nobody continues them. */
@Injectable()
export class AbandonedCalls {
  constructor(
    private readonly journal: ToolJournal,
    private readonly approvals: ApprovalJournal,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /**
   * Ends the open calls in the journal, and removes those that never started. Can be repeated.
   * @returns the events that tell how they ended, in the order given.
   */
  async end(key: JournalKey, open: readonly OpenCall[]): Promise<EventBody[]> {
    const events = await Promise.all(open.map((call) => this.endOne(key, call)));
    await this.journal.forgetRunning(key);
    return events.flat();
  }

  /** All calls of a message, as its earlier workers recorded them. */
  async recorded(tenant: TenantId, messageId: string): Promise<JournaledCall[]> {
    return this.journal.list(tenant, messageId);
  }

  /** Deletes all calls of a message. */
  async erase(tenant: TenantId, messageId: string): Promise<void> {
    await this.journal.deleteByMessages(tenant, [messageId]);
  }

  private async endOne(key: JournalKey, open: OpenCall): Promise<EventBody[]> {
    const { call_id, name, state, parent_call_id } = open;
    const ended_at = new Date(this.clock.now());
    const decision = state === 'asked' ? [await this.settle({ ...key, call_id }, ended_at)] : [];
    const { text: result, summary: result_summary, ...rest } = state === 'started' ? UNKNOWN : NEVER_RAN;
    const end = { call_id, ...rest, result, result_summary, ms: 0, ended_at };
    const ended = toolEnd({ id: call_id, name }, outcomeOf(await this.journal.finish(key, end)));
    const events = [...decision, ended];
    return parent_call_id === undefined ? events : events.map((event) => asChild(event, parent_call_id));
  }

  /** Whoever was asked learns that there is nothing left to decide. A decision that came first stands. */
  private async settle(
    call: JournalKey & { call_id: string },
    decided_at: Date,
  ): Promise<EventBody<'approval_resolved'>> {
    const reason = 'The run ended before the call was decided.';
    const rejection = { state: 'rejected' as const, reason, decided_at };
    const unknown: CallApproval = { ...rejection, expires_at: decided_at };
    const approval = (await this.approvals.settle(call, rejection)) ?? unknown;
    return resolution(call.call_id, approval, this.settings.EVENT_PAYLOAD_MAX_BYTES);
  }
}
