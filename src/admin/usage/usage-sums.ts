import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import type { TenantId } from '../../common/index.js';
import { MESSAGE, RUN_INDEXES, type MessageDocument } from '../../run-record/index.js';
import type { AmountsView } from '../amounts.view.js';

/** By what amounts are added up: the day (UTC) of the question, its user, the model that answered. */
export const USAGE_KEYS = ['day', 'user', 'model'] as const;
export type UsageKey = (typeof USAGE_KEYS)[number];

/** When the messages were sent: from, and before. */
export interface Period {
  from: Date;
  to: Date;
}

/** Amounts of one day, user or model; `null`: not known, e.g. a run that no model has answered. */
export interface KeyedAmounts {
  key: string | null;
  amounts: AmountsView;
}

/** A row as the database makes it: of one key and currency. */
interface Row extends Omit<AmountsView, 'costs'> {
  _id: { key?: string | null; currency?: string | null };
  amount: number;
}

const KEYS: Record<UsageKey, unknown> = {
  day: { $dateToString: { date: '$created_at', format: '%Y-%m-%d' } },
  user: '$user_id',
  model: '$run.model',
};
const MONEY_DECIMALS = 8;
const sumIf = (condition: unknown): mongo.Document => ({ $sum: { $cond: [condition, 1, 0] } });

/** Adds up what a tenant's runs have taken. Reads keys of an index and no message. */
@Injectable()
export class UsageSums {
  constructor(@InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>) {}

  /** In the order of the database. @param users only theirs. */
  async by(
    tenant: TenantId,
    key: UsageKey,
    { users, ...period }: Period & { users?: readonly string[] },
  ): Promise<KeyedAmounts[]> {
    const sums = new Map<string | null, AmountsView>();
    for await (const row of this.aggregate(tenant, key, { ...period, ...(users && { users }) }))
      add(sums, row);
    return [...sums].map(([one, amounts]) => ({ key: one, amounts }));
  }

  /** The query itself, e.g. to explain it. */
  aggregate(
    tenant: TenantId,
    key: UsageKey,
    { from, to, users }: Period & { users?: readonly string[] },
  ): mongo.AggregationCursor<Row> {
    const created_at = { $gte: from, $lt: to };
    const ofUsers = users && { user_id: { $in: [...users] } };
    return this.messages.collection.aggregate<Row>(
      [
        { $match: { tenant_id: tenant, role: 'user', ...ofUsers, created_at } },
        {
          $group: {
            _id: { key: KEYS[key], currency: '$run.cost.currency' },
            messages: { $sum: 1 },
            runs: sumIf({ $in: ['$status', ['completed', 'error', 'cancelled']] }),
            failed: sumIf({ $eq: ['$status', 'error'] }),
            prompt_tokens: { $sum: '$run.usage.prompt_tokens' },
            completion_tokens: { $sum: '$run.usage.completion_tokens' },
            amount: { $sum: '$run.cost.amount' },
          },
        },
      ],
      { hint: users ? RUN_INDEXES.byUser : RUN_INDEXES.byTime, allowDiskUse: true },
    );
  }
}

function add(sums: Map<string | null, AmountsView>, { _id, amount, ...row }: Row): void {
  const key = _id.key ?? null;
  const sum = sums.get(key);
  const costs =
    typeof _id.currency === 'string'
      ? [{ currency: _id.currency, amount: Number(amount.toFixed(MONEY_DECIMALS)) }]
      : [];
  sums.set(key, sum ? plus(sum, { ...row, costs }) : { ...row, costs });
}

/** The sum of two amounts. */
export function plus(one: AmountsView, other: AmountsView): AmountsView {
  const costs = new Map(one.costs.map(({ currency, amount }) => [currency, amount]));
  for (const { currency, amount } of other.costs)
    costs.set(currency, Number(((costs.get(currency) ?? 0) + amount).toFixed(MONEY_DECIMALS)));
  return {
    messages: one.messages + other.messages,
    runs: one.runs + other.runs,
    failed: one.failed + other.failed,
    prompt_tokens: one.prompt_tokens + other.prompt_tokens,
    completion_tokens: one.completion_tokens + other.completion_tokens,
    costs: [...costs].map(([currency, amount]) => ({ currency, amount })),
  };
}

/** Nothing at all. */
export const NO_AMOUNTS: AmountsView = {
  messages: 0,
  runs: 0,
  failed: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  costs: [],
};
