import { Injectable } from '@nestjs/common';
import PQueue from 'p-queue';
import { Settings } from '../../platform/config/index.js';
import { Log } from '../../platform/logging/index.js';
import type { ReadyWorker } from '../../messages/index.js';
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
    private readonly settings: Settings,
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

  /** A place in the queue for a run that starts at once, if one is free. */
  override ready(): ReadyWorker | undefined {
    const { isPaused, size, pending, concurrency } = this.queue;
    if (this.settings.ROLE === 'api' || isPaused || size > 0 || pending >= concurrency) return undefined;
    let settle!: (begin: (() => Promise<void>) | undefined) => void;
    const settled = new Promise<(() => Promise<void>) | undefined>((resolve) => (settle = resolve));
    this.queue
      .add(async () => (await settled)?.())
      .catch((error: unknown) => {
        this.logger.error('the chat could not be worked on', { err: error });
      });
    return {
      claim: (question) => this.worker.take(question),
      start: (run, asked) => {
        settle(async () => {
          if (await this.worker.begin(run, asked)) await this.dispatch(run.chat_id);
        });
      },
      release: () => {
        settle(undefined);
      },
    };
  }

  /** Begins nothing more. What waits is stored, and waits for another process. */
  close(): void {
    this.queue.pause();
    this.queue.clear();
  }

  private async work(chatId: string): Promise<void> {
    this.queued.delete(chatId);
    if (await this.worker.workOn(chatId)) await this.dispatch(chatId);
  }
}
