import { Injectable } from '@nestjs/common';
import { AppError } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { Log } from '../platform/logging/index.js';
import { UsageDays, type Amounts, type Owner } from './usage-days.js';

/** What a run took. */
export interface Spent {
  tokens: number;
  /** In the currency of the price file; missing if a model has no price. */
  cost?: number | undefined;
}

/**
 * How much one user may use a day. A message is refused once a budget is used up; a run that has begun is never cut
 * off, so the last one may exceed it.
 */
@Injectable()
export class Budgets {
  private readonly logger = new Log(Budgets.name);
  private readonly limits: Partial<Amounts>;

  constructor(
    private readonly days: UsageDays,
    settings: Settings,
  ) {
    const { BUDGET_MESSAGES_PER_DAY, BUDGET_TOKENS_PER_DAY, BUDGET_COST_PER_DAY } = settings;
    this.limits = {
      ...(BUDGET_MESSAGES_PER_DAY !== undefined && { messages: BUDGET_MESSAGES_PER_DAY }),
      ...(BUDGET_TOKENS_PER_DAY !== undefined && { tokens: BUDGET_TOKENS_PER_DAY }),
      ...(BUDGET_COST_PER_DAY !== undefined && { cost: BUDGET_COST_PER_DAY }),
    };
  }

  /** Whether there are any. Without, nothing is counted. */
  get exist(): boolean {
    return Object.keys(this.limits).length > 0;
  }

  /** Counts one message. @throws AppError 429 `budget_exceeded`; then it is not counted. */
  async admit(owner: Owner): Promise<void> {
    const used = await this.days.add(owner, { messages: 1 });
    for (const what of ['messages', 'tokens', 'cost'] as const) {
      const limit = this.limits[what];
      if (limit === undefined || used[what] < limit) continue;
      await this.days.add(owner, { messages: -1 });
      throw new AppError('budget_exceeded', { what, limit, seconds: this.days.secondsLeft() });
    }
  }

  /** A message that was admitted was not stored. Never rejects. */
  async giveBack(owner: Owner): Promise<void> {
    await this.days.add(owner, { messages: -1 }).catch(() => undefined);
  }

  /** Counts what a run took. Never rejects: a run does not fail with it. */
  async spend(owner: Owner, { tokens, cost = 0 }: Spent): Promise<void> {
    if (!this.exist || tokens + cost === 0) return;
    try {
      await this.days.add(owner, { tokens, cost });
    } catch (error) {
      this.logger.warn('what a run took was not counted', { err: error, user_id: owner.user });
    }
  }
}
