import type { ModelSpending, ModelUsage } from '../models/index.js';

/** What a run has used so far. */
export interface Spent {
  total?: ModelUsage | undefined;
  /** The same, for each model. */
  byModel?: readonly ModelSpending[] | undefined;
}

const COUNTS = ['prompt_tokens', 'completion_tokens', 'total_tokens'] as const;
const PARTS = ['cached_tokens', 'cache_write_tokens'] as const;
const NOTHING: ModelUsage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

/**
 * Tokens that a run has used, over all its model turns and attempts, in total and for each model; zeros if a provider
 * reports none, never a guess.
 */
export class UsageSum {
  /** Name of the model that answered last. */
  model: string | undefined;
  private sum: ModelUsage;
  private readonly models = new Map<string, ModelUsage>();
  private changed = false;

  /**
   * @param earlier what earlier attempts have used.
   * @param onChange called with what has been used when it is flushed.
   */
  constructor(
    earlier: Spent = {},
    private readonly onChange?: (spent: Required<Spent>) => void,
  ) {
    this.sum = { ...NOTHING, ...earlier.total };
    for (const { model, ...usage } of earlier.byModel ?? []) this.models.set(model, usage);
  }

  /** The sum so far. */
  get total(): Pick<ModelUsage, (typeof COUNTS)[number]> {
    const { prompt_tokens, completion_tokens, total_tokens } = this.sum;
    return { prompt_tokens, completion_tokens, total_tokens };
  }

  /** The sum of each model, in the order in which they answered. */
  get byModel(): ModelSpending[] {
    return [...this.models].map(([model, usage]) => ({ model, ...usage }));
  }

  /** True unless an earlier attempt did not record which models it had asked. */
  get isAttributed(): boolean {
    const known = [...this.models.values()].reduce((sum, usage) => sum + usage.total_tokens, 0);
    return known >= this.sum.total_tokens;
  }

  /** Whatever a model reports, the sum can be stored. @param ref the model, as `provider:model`. */
  add(usage: ModelUsage, ref: string): void {
    this.sum = plus(this.sum, usage);
    this.models.set(ref, plus(this.models.get(ref) ?? NOTHING, usage));
    this.changed = true;
  }

  /** There is more to report than the sum. */
  touch(): void {
    this.changed = true;
  }

  /** Reports a sum that has changed: the run continues, and a worker that takes it over must know. */
  flush(): void {
    if (!this.changed) return;
    this.changed = false;
    this.onChange?.({ total: this.total, byModel: this.byModel });
  }
}

function plus(sum: ModelUsage, more: ModelUsage): ModelUsage {
  const next = { ...sum };
  for (const name of COUNTS) next[name] += counted(more[name]);
  for (const name of PARTS) {
    const count = (sum[name] ?? 0) + counted(more[name]);
    if (count > 0) next[name] = count;
  }
  return next;
}

function counted(tokens: unknown): number {
  return typeof tokens === 'number' && Number.isFinite(tokens) ? Math.max(0, tokens) : 0;
}
