import { Injectable } from '@nestjs/common';
import { AppError, Clock } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { MessagesRepository } from './messages.repository.js';

/** An older count is repeated; near the limit, sooner. */
const FRESH_MS = 10_000;
const FRESH_NEAR_LIMIT_MS = 1000;

/**
 * Limits the open runs in the whole deployment. Counting them for each message would be its most expensive part, so a
 * process counts now and then, adds what it admits meanwhile, and counts again before it rejects. It does not see what
 * other processes admit between two counts.
 */
@Injectable()
export class OpenRuns {
  private counted = 0;
  private since = 0;
  private at = -Infinity;
  private counting: Promise<void> | undefined;

  constructor(
    private readonly messages: MessagesRepository,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /** Admits one more run. @throws AppError 503 `queue_full`. */
  async admit(): Promise<void> {
    const { QUEUE_MAX } = this.settings;
    const isNear = this.counted + this.since > QUEUE_MAX / 2;
    const isOld = Math.abs(this.clock.now() - this.at) > (isNear ? FRESH_NEAR_LIMIT_MS : FRESH_MS);
    if (this.counted + this.since >= QUEUE_MAX) await this.count();
    else if (isOld) this.count().catch(() => undefined); // the next message finds out
    if (this.counted + this.since >= QUEUE_MAX) throw new AppError('queue_full');
    this.since++;
  }

  private count(): Promise<void> {
    this.counting ??= this.countNow().finally(() => {
      this.counting = undefined;
    });
    return this.counting;
  }

  private async countNow(): Promise<void> {
    const before = this.since;
    this.counted = await this.messages.countOpen(this.settings.QUEUE_MAX);
    this.since -= before;
    this.at = this.clock.now();
  }
}
