import type { ModelUsage } from '../models/index.js';

/**
 * Tokens that a run has used, over all its model turns and attempts; zeros if a provider reports none, never a guess.
 */
export class UsageSum {
  private sum: ModelUsage;
  private changed = false;
  /** Name of the model that answered last. */
  model: string | undefined;

  /**
   * @param earlier what earlier attempts have used.
   * @param onChange called with a new sum when it is flushed.
   */
  constructor(
    earlier?: ModelUsage,
    private readonly onChange?: (total: ModelUsage) => void,
  ) {
    this.sum = earlier ?? { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  }

  /** The sum so far. */
  get total(): ModelUsage {
    return { ...this.sum };
  }

  /** Whatever a model reports, the sum can be stored. */
  add(usage: ModelUsage, _ref: string): void {
    this.sum = {
      prompt_tokens: this.sum.prompt_tokens + counted(usage.prompt_tokens),
      completion_tokens: this.sum.completion_tokens + counted(usage.completion_tokens),
      total_tokens: this.sum.total_tokens + counted(usage.total_tokens),
    };
    this.changed = true;
  }

  /** Reports a sum that has changed: the run continues, and a worker that takes it over must know. */
  flush(): void {
    if (!this.changed) return;
    this.changed = false;
    this.onChange?.(this.total);
  }
}

function counted(tokens: unknown): number {
  return typeof tokens === 'number' && Number.isFinite(tokens) ? Math.max(0, tokens) : 0;
}
