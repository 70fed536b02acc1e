import { Injectable } from '@nestjs/common';
import { retryTransient } from '../../platform/mongo/index.js';
import { RunExecutor } from './run-executor.js';
import type { HeldRun, Question } from '../../run-record/index.js';
import { RunStore } from '../record/run-store.js';

/** What a queue calls: works on one run of a chat. */
@Injectable()
export class RunWorker {
  constructor(
    private readonly store: RunStore,
    private readonly executor: RunExecutor,
  ) {}

  /**
   * Executes the oldest pending run of a chat, or else continues one whose worker is gone.
   * @returns false if there was nothing to do, or another run of the chat is active; the worker of that run looks
   * again when it is done.
   */
  async workOn(chatId: string): Promise<boolean> {
    const run = await retryTransient(
      async () => (await this.store.claim(chatId)) ?? (await this.store.takeOver(chatId)),
    );
    return run ? this.executor.execute(run) : false;
  }

  /** Takes a question that is being stored. */
  take(question: Question): HeldRun {
    return this.store.begin(question);
  }

  /** Executes a run that this process has just stored. @returns whether other runs of the chat may be pending. */
  begin(run: HeldRun, asked: number | undefined): Promise<boolean> {
    return this.executor.execute(run, { asked, isNew: true });
  }
}
