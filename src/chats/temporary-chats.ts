import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock, type Scope } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { Log } from '../platform/logging/index.js';
import type { ChatDocument } from './chat.schema.js';
import { ChatsService } from './chats.service.js';
import { ExternalChats } from './external-chats.js';

const INTERVAL_MS = 600_000;
const HOUR_MS = 3_600_000;
const TITLE = 'A request';

/**
 * Chats of clients that keep their conversations themselves and send them with each request: the run has its chat, and
 * its log, but nobody finds it in a list (docs/decisions/045). The sweep can be repeated, by several processes at once.
 */
@Injectable()
export class TemporaryChats implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Log(TemporaryChats.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly chats: ChatsService,
    private readonly external: ExternalChats,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.ROLE !== 'api') this.again();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  /**
   * A new one. @param key the same key gives the same chat
   * @throws AppError 404 `user_not_found` for a user outside the scope.
   */
  create(scope: Scope, userId: string, key: string | undefined): Promise<ChatDocument> {
    const kept_until = new Date(this.clock.now() + this.settings.TEMPORARY_CHAT_HOURS * HOUR_MS);
    const chat = { title: TITLE, auto_title: false, kept_until };
    return key === undefined
      ? this.chats.create(scope, userId, chat)
      : this.external.open(scope, userId, key, chat);
  }

  /** @returns how many were deleted. */
  async sweep(): Promise<number> {
    let all = 0;
    for (let some = 1; some > 0 && !this.stopped; all += some)
      some = await this.chats.eraseExpired(new Date(this.clock.now()));
    return all;
  }

  private again(): void {
    this.timer = setTimeout(() => {
      this.sweeping = this.sweep()
        .catch((error: unknown) => {
          this.logger.warn('the sweep of temporary chats failed; it will be repeated', { err: error });
        })
        .then(() => {
          if (!this.stopped) this.again();
        });
    }, jitter(INTERVAL_MS)).unref();
  }
}

/** Between 90 and 110 percent: workers that were started together drift apart. */
const jitter = (ms: number): number => ms * (0.9 + Math.random() * 0.2);
