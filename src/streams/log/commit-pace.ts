import { Injectable } from '@nestjs/common';
import { pause } from '../../common/index.js';

/** From the start of one commit to the start of the next, at least, while many logs are written. */
const INTERVAL_MS = 6;
/** How long to wait before looking whether more has arrived: a lull ends the wait. */
const LOOK_MS = 2;
/** From this many logs in one commit on, a wait gathers enough to be worth it. */
const MANY_LOGS = 8;
/** How long an event that may wait does so for another one to share its commit. */
const PATIENCE_MS = 20;

/**
 * Spaces commits out while many logs are written (docs/decisions/019). A commit costs the database and this process
 * about as much for one event as for ten. Left alone, the next one starts with whatever has arrived during the last.
 *
 * Few writers never wait, and neither does an event that finds the system idle. Nor is there a wait on a machine whose
 * commits take longer than the interval: they gather by themselves.
 */
@Injectable()
export class CommitPace {
  private begunAt = -Infinity;
  private areMany = false;

  /** A commit starts now. @param logs ids of the messages that its events belong to, in any order, also repeated */
  begins(logs: Iterable<string>): void {
    this.begunAt = this.now();
    this.areMany = hasMany(logs);
  }

  /**
   * Resolves when the next commit should start.
   * @param waiting how many events wait for it; asked repeatedly
   */
  async gather(waiting: () => number): Promise<void> {
    let seen = 0;
    while (this.areMany && waiting() > seen) {
      const left = this.begunAt + INTERVAL_MS - this.now();
      if (left < 1) return;
      seen = waiting();
      await this.wait(Math.min(left, LOOK_MS));
    }
  }

  /** Resolves when an event that found no other one to share its commit has waited long enough. */
  patience(): Promise<void> {
    return this.wait(PATIENCE_MS);
  }

  /** Milliseconds of a clock that never goes back. */
  protected now(): number {
    return performance.now();
  }

  /** Resolves after some milliseconds. */
  protected wait(ms: number): Promise<void> {
    return pause(ms);
  }
}

function hasMany(logs: Iterable<string>): boolean {
  const seen = new Set<string>();
  for (const log of logs) if (seen.add(log).size >= MANY_LOGS) return true;
  return false;
}
