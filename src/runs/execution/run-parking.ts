import { Injectable } from '@nestjs/common';
import { ApprovalJournal, type RunParked, type WaitingCall } from '../../agent/index.js';
import { ApprovalOutbox, type NewNotice } from '../../approvals/index.js';
import { retryTransient } from '../../platform/mongo/index.js';
import type { HeldRun } from '../../run-record/index.js';
import { ParkedRuns } from '../record/parked-runs.js';
import { RunStore } from '../record/run-store.js';

/** Lets go of runs that wait for a decision. */
@Injectable()
export class RunParking {
  constructor(
    private readonly parked: ParkedRuns,
    private readonly approvals: ApprovalJournal,
    private readonly store: RunStore,
    private readonly outbox: ApprovalOutbox,
  ) {}

  /**
   * Parks a run, once it is certain that its calls will be reported. A decision may have come since its question became durable: whichever is second, the decision or the
   * parking, sees the other.
   * @returns whether the run can be continued at once.
   */
  async park(run: HeldRun, { calls }: RunParked): Promise<boolean> {
    const messageId = run._id.toHexString();
    const ids = calls.map(({ call_id }) => call_id);
    await this.outbox.add(calls.map((call) => noticeOf(run, call)));
    const until = new Date(Math.min(...calls.map(({ expires_at }) => expires_at.getTime())));
    if (!(await retryTransient(() => this.parked.park(run, { until, calls: ids })))) {
      await this.store.release(run); // it must stop: the worker that takes it ends it
      return true;
    }
    if (!(await retryTransient(() => this.approvals.isDecided(messageId, ids)))) return false;
    await retryTransient(() => this.parked.wake(messageId));
    return true;
  }
}

function noticeOf({ _id, tenant_id, user_id, chat_id }: HeldRun, call: WaitingCall): NewNotice {
  const message_id = _id.toHexString();
  return { tenant_id, ...(user_id !== undefined && { user_id }), chat_id, message_id, ...call };
}
