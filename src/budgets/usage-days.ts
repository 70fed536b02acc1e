import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { Clock, type TenantId } from '../common/index.js';
import type { ErasureHandler } from '../platform/erasure/index.js';
import { USAGE_DAY, type UsageDay } from './usage-day.schema.js';

const DAY_MS = 86_400_000;
const KEPT_MS = 3 * DAY_MS;

/** Amounts of one day. */
export type Amounts = Pick<UsageDay, 'messages' | 'tokens' | 'cost'>;

/** Whose day. */
export interface Owner {
  tenant: TenantId;
  user: string;
}

/**
 * What each user has used on each day. Counted apart from the messages, so that deleting a chat gives nothing back.
 */
@Injectable()
export class UsageDays implements ErasureHandler {
  constructor(
    @InjectModel(USAGE_DAY) private readonly days: Model<UsageDay>,
    private readonly clock: Clock,
  ) {}

  /** Adds to the present day. @returns the amounts before. */
  async add(owner: Owner, amounts: Partial<Amounts>): Promise<Amounts> {
    const now = this.clock.now();
    const before = await this.days.collection.findOneAndUpdate(
      { _id: { t: owner.tenant, u: owner.user, d: dayOf(now) } },
      { $inc: amounts, $setOnInsert: { expires_at: new Date(now + KEPT_MS) } },
      { upsert: true, returnDocument: 'before' },
    );
    const { messages = 0, tokens = 0, cost = 0 } = (before ?? {}) as Partial<UsageDay>;
    return { messages, tokens, cost };
  }

  /** Seconds until the next day. */
  secondsLeft(): number {
    return Math.ceil((DAY_MS - (this.clock.now() % DAY_MS)) / 1000);
  }

  async user(tenant: TenantId, userId: string): Promise<void> {
    await this.days.deleteMany({ '_id.t': tenant, '_id.u': userId });
  }
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
