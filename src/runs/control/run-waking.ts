import { Injectable } from '@nestjs/common';
import { ApprovalJournal } from '../../agent/index.js';
import { Clock } from '../../common/index.js';
import { RunDispatcher } from '../dispatch/run-dispatcher.js';
import { ParkedRuns } from '../record/parked-runs.js';

/** Continues runs that waited for a decision. */
@Injectable()
export class RunWaking {
  constructor(
    private readonly parked: ParkedRuns,
    private readonly approvals: ApprovalJournal,
    private readonly dispatcher: RunDispatcher,
    private readonly clock: Clock,
  ) {}

  /** Something was decided. A run that is not parked yet finds out when it is. */
  async wake(messageId: string): Promise<void> {
    const chatId = await this.parked.wake(messageId);
    if (chatId !== undefined) await this.dispatcher.dispatch(chatId);
  }

  /**
   * Lets calls expire, and makes every run ready that has something to do since: also those whose decision was stored
   * by a process that died before it could tell.
   */
  async wakeDecided(): Promise<void> {
    await this.approvals.expire(new Date(this.clock.now()));
    for (const messageId of await this.approvals.decidedMessages()) await this.parked.wake(messageId);
  }
}
