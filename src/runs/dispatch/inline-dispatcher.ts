import { Injectable } from '@nestjs/common';
import PQueue from 'p-queue';
import { Settings } from '../../platform/config/index.js';
import { Log } from '../../platform/logging/index.js';
import { RunDispatcher } from './run-dispatcher.js';
import { RunWorker } from '../execution/run-worker.js';

/** The queue of a single process: at most `RUN_CONCURRENCY` runs at a time, chats in the order of their calls. */
@Injectable()
export class InlineDispatcher extends RunDispatcher {
  private readonly logger = new Log(InlineDispatcher.name);
  private readonly queue: PQueue;
  private readonly queued = new Set<string>();

  constructor(
    private readonly worker: RunWorker,
    settings: Settings,
  ) {
    super();
    this.queue = new PQueue({ concurrency: settings.RUN_CONCURRENCY });
  }

  override dispatch(chatId: string): Promise<void> {
    if (!this.queued.has(chatId)) {
      this.queued.add(chatId);
      this.queue
        .add(() => this.work(chatId))
        .catch((error: unknown) => {
          this.logger.error('work on a chat failed', { err: error });
        });
    }
    return Promise.resolve();
  }

  /** Starts nothing more. Pending runs are stored, and wait for another process. */
  close(): void {
    this.queue.pause();
    this.queue.clear();
  }

  private async work(chatId: string): Promise<void> {
    this.queued.delete(chatId);
    if (await this.worker.workOn(chatId)) await this.dispatch(chatId);
  }
}
