import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { Log } from '../../platform/logging/index.js';
import { InlineDispatcher } from './inline-dispatcher.js';
import { RunControl } from '../control/run-control.js';
import { RunWaking } from '../control/run-waking.js';
import { RunStore } from '../record/run-store.js';

/**
 * Looks for neglected work: runs whose worker is gone, pending runs whose announcement was lost, and waiting runs whose
 * calls have expired. It asks the database and works here, so it needs no queue.
 */
@Injectable()
export class RunRecovery implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Log(RunRecovery.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: RunStore,
    private readonly dispatcher: InlineDispatcher,
    private readonly control: RunControl,
    private readonly waking: RunWaking,
    private readonly settings: Settings,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.settings.ROLE === 'api') return;
    await this.sweep();
    this.timer = setInterval(() => {
      this.sweep().catch((error: unknown) => {
        this.logger.warn('the search for lost runs failed; it will be repeated', { err: error });
      });
    }, this.settings.RUN_LEASE_MS / 2);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Dispatches every chat that waits for a worker. */
  async sweep(): Promise<void> {
    await this.waking.wakeDecided();
    for (const chatId of await this.store.chatsWithWork()) await this.dispatcher.dispatch(chatId);
    await this.control.repeatInterrupts();
  }
}
