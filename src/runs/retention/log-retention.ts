import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { ToolJournal } from '../../agent/index.js';
import { Clock } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { StreamsService } from '../../streams/index.js';
import { Log } from '../../platform/logging/index.js';
import { ExpiredLogs } from './expired-logs.js';

const DAY_MS = 86_400_000;
const INTERVAL_MS = 3_600_000;
/** Readers admitted before their log expired have this long to finish. */
const GRACE_MS = 60_000;

/**
 * Deletes the logs of runs that ended `EVENT_RETENTION_DAYS` ago, and their tool calls (docs/decisions/007). A log is
 * first marked, and from then on readers get 410; it is removed after a pause. A crash in between leaves the mark, and
 * the next sweep continues from there. Every step can be repeated, by several processes at once.
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
   * Marks logs that are too old. Does nothing if the setting is off.
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

  /**
   * Removes marked logs, whichever process marked them, even if the setting has been turned off since. @returns how
   * many logs.
   */
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
        this.logger.warn('the sweep of expired logs failed; it will be repeated', { err: error });
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

  /** Logs marked earlier are removed; logs that are too old by now are marked, and removed next time. */
  private async sweep(): Promise<number> {
    const removed = await this.remove();
    if (removed > 0) this.logger.info(`${removed} expired logs removed`);
    return this.expire();
  }
}

/** Between 90 and 110 percent: workers that were started together drift apart. */
const jitter = (ms: number): number => ms * (0.9 + Math.random() * 0.2);
