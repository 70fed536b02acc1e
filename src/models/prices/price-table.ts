import { Decimal } from 'decimal.js';
import type { ModelUsage } from '../chat-model.js';
import type { ModelPrice, PricesFile } from './prices-file.js';

/** What one model was asked for in a run. */
export interface ModelSpending extends ModelUsage {
  /** `provider:model` */
  model: string;
}

/** What a run has cost. */
export interface Cost {
  /** ISO 4217. */
  currency: string;
  amount: number;
}

const PER_TOKENS = 1_000_000;
/** Far below the price of one token, and far above what a number cannot hold exactly. */
const DECIMALS = 10;
/** The offline model runs in this process. */
const FREE = 'offline';

/** What models cost, as the operator says; without a file nothing is said about costs. */
export class PriceTable {
  constructor(private readonly file?: PricesFile) {}

  /**
   * The cost of everything that was used, in decimal arithmetic.
   * @returns `undefined` unless every model has a price: a sum that leaves out a model would be wrong.
   */
  costOf(spent: readonly ModelSpending[]): Cost | undefined {
    if (!this.file || spent.length === 0) return undefined;
    let sum = new Decimal(0);
    for (const spending of spent) {
      const price = this.priceOf(spending.model);
      if (price === undefined) return undefined;
      sum = sum.plus(price === FREE ? 0 : amountOf(spending, price));
    }
    return { currency: this.file.currency, amount: sum.toDecimalPlaces(DECIMALS).toNumber() };
  }

  /** With or without its provider, as the file names it. */
  private priceOf(model: string): ModelPrice | typeof FREE | undefined {
    const name = model.slice(model.indexOf(':') + 1);
    const models = new Map(Object.entries(this.file?.models ?? {}));
    return models.get(model) ?? models.get(name) ?? (model === FREE ? FREE : undefined);
  }
}

function amountOf(spending: ModelSpending, price: ModelPrice): Decimal {
  const {
    prompt_tokens,
    completion_tokens,
    cached_tokens: read = 0,
    cache_write_tokens: written = 0,
  } = spending;
  const { input, output, cached_input = input, cache_write = input } = price;
  const fresh = Math.max(0, prompt_tokens - read - written);
  return [
    [fresh, input],
    [read, cached_input],
    [written, cache_write],
    [completion_tokens, output],
  ]
    .reduce((sum, [tokens = 0, each = 0]) => sum.plus(new Decimal(tokens).times(each)), new Decimal(0))
    .dividedBy(PER_TOKENS);
}
