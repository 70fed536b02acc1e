import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { ToolJournal } from '../../agent/index.js';
import { Clock } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { StreamsService } from '../../streams/index.js';
import { Log } from '../../platform/logging/index.js';
import { ExpiredLogs } from './expired-logs.js';

const DAY_MS = 86_400_000;
const INTERVAL_MS = 3_600_000;
/** Readers that were let in before their log expired have this long to finish. */
const GRACE_MS = 60_000;

/**
 * Deletes the logs of runs that ended `EVENT_RETENTION_DAYS` ago, and their tool calls (docs/decisions/007). A log is
 * marked first, from when on a reader gets 410, and removed after a pause: a crash in between leaves a mark, and whoever
 * sweeps next goes on from there. Every step may be repeated, and done by several processes at once.
 */
@Injectable()
export class LogRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Log(LogRetention.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly expired: ExpiredLogs,
    private readonly streams: StreamsService,
    private readonly journal: ToolJournal,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.ROLE !== 'api') this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  /**
   * Marks what is too old. Does nothing while the setting is off.
   * @returns how many logs were marked.
   */
  async expire(): Promise<number> {
    const days = this.settings.EVENT_RETENTION_DAYS;
    if (days === undefined) return 0;
    const limit = new Date(this.clock.now() - days * DAY_MS);
    let all = 0;
    for (let some = 1; some > 0 && !this.stopped; all += some) some = await this.expired.expireBefore(limit);
    return all;
  }

  /** Removes what is marked, by whomever, also when the setting was turned off since. @returns how many logs. */
  async remove(): Promise<number> {
    let all = 0;
    while (!this.stopped) {
      const batch = await this.expired.toRemove();
      if (batch.length === 0) break;
      for (const messages of batch) {
        await this.streams.remove(messages.tenant, messages.ids);
        await this.journal.deleteByMessages(messages.tenant, messages.ids);
        await this.expired.noteRemoved(messages);
        all += messages.ids.length;
      }
    }
    return all;
  }

  private run(): void {
    this.sweeping = this.sweep()
      .catch((error: unknown) => {
        this.logger.warn('the sweep of expired logs failed; it is repeated', { err: error });
        return 0;
      })
      .then((marked) => {
        if (!this.stopped) this.again(marked > 0 ? GRACE_MS : jitter(INTERVAL_MS));
      });
  }

  private again(ms: number): void {
    this.timer = setTimeout(() => {
      this.run();
    }, ms).unref();
  }

  /** What was marked before goes; what is too old by now is marked, and goes next time. */
  private async sweep(): Promise<number> {
    const removed = await this.remove();
    if (removed > 0) this.logger.info(`${removed} expired logs removed`);
    return this.expire();
  }
}

/** Between 90 and 110 percent: workers that were started together drift apart. */
const jitter = (ms: number): number => ms * (0.9 + Math.random() * 0.2);
