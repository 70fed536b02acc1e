import { Injectable } from '@nestjs/common';
import type { Question } from '../run-record/index.js';
import { ChatNews } from './chat-news.js';
import { MessageBudget } from './message-budget.js';
import { OpenRuns } from './open-runs.js';

/** Admits messages: as many runs as the deployment can have open, and as many messages as their user may send. */
@Injectable()
export class Admission {
  constructor(
    private readonly openRuns: OpenRuns,
    private readonly budget: MessageBudget,
    private readonly news: ChatNews,
  ) {}

  /** One more run of anybody. @throws AppError 503 `queue_full`. */
  admit(): Promise<void> {
    return this.openRuns.admit();
  }

  /**
   * Stores a message of its user, which counts, and is news of its chat, if it was stored.
   * @param store whether it was.
   * @throws AppError 429 `budget_exceeded`; what `store` throws.
   */
  async count<T>(message: Question, store: () => Promise<T | undefined>): Promise<T | undefined> {
    await this.budget.admit(message);
    let stored: T | undefined;
    try {
      stored = await store();
      if (stored !== undefined) this.news.announce(message.chat_id);
      return stored;
    } finally {
      if (stored === undefined) await this.budget.giveBack(message);
    }
  }
}
