import { Injectable } from '@nestjs/common';
import { ApprovalJournal, type RunParked } from '../../agent/index.js';
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
  ) {}

  /**
   * Parks a run. A decision may have come since its question became durable: whichever is second, the decision or the
   * parking, sees the other.
   * @returns whether the run can be continued at once.
   */
  async park(run: HeldRun, { calls }: RunParked): Promise<boolean> {
    const messageId = run._id.toHexString();
    const ids = calls.map(({ call_id }) => call_id);
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
