import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { createHash } from 'node:crypto';
import type { Model } from 'mongoose';
import { Clock, type TenantId } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import type { ErasureHandler } from '../platform/erasure/index.js';
import { retryTransient } from '../platform/mongo/index.js';
import { ApprovalNotice } from './approval-notice.schema.js';

/** What is reported about a call. */
export type NewNotice = Omit<ApprovalNotice, '_id' | 'attempts' | 'next_at'>;

/** A worker that claimed a report and died is replaced after this long. Longer than any request takes. */
const CLAIM_MS = 30_000;

/** The reports that are to be delivered, by any worker, at least once each. */
@Injectable()
export class ApprovalOutbox implements ErasureHandler {
  private readonly listeners: (() => void)[] = [];

  constructor(
    @InjectModel(ApprovalNotice.name) private readonly notices: Model<ApprovalNotice>,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /** Called when this process has added reports. */
  onAdded(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Resolves when they are durable. A call that is known already is not reported again. Does nothing without a URL. */
  async add(notices: readonly NewNotice[]): Promise<void> {
    if (this.settings.APPROVAL_WEBHOOK_URL === undefined || notices.length === 0) return;
    const next_at = new Date(this.clock.now());
    const writes = notices.map((notice) => ({
      updateOne: {
        filter: { _id: idOf(notice) },
        update: { $setOnInsert: { ...notice, attempts: 0, next_at } },
        upsert: true,
      },
    }));
    await retryTransient(() => this.notices.bulkWrite(writes, { ordered: false }));
    for (const listener of this.listeners) listener();
  }

  /** A report that is due, for this worker alone. */
  async claim(): Promise<ApprovalNotice | undefined> {
    const now = this.clock.now();
    const claimed = await this.notices
      .findOneAndUpdate(
        { next_at: { $lte: new Date(now) } },
        { $set: { next_at: new Date(now + CLAIM_MS) }, $inc: { attempts: 1 } },
        { sort: { next_at: 1 }, returnDocument: 'after' },
      )
      .lean<ApprovalNotice>();
    return claimed ?? undefined;
  }

  /** Nothing more is to be done about a report that this worker has claimed. */
  async settle({ _id, attempts }: ApprovalNotice): Promise<void> {
    await this.notices.updateOne({ _id, attempts }, { $unset: { next_at: 1 } });
  }

  /** A report was not accepted: it is due again after a pause. */
  async postpone({ _id, attempts }: ApprovalNotice, ms: number): Promise<void> {
    const next_at = new Date(this.clock.now() + ms);
    await this.notices.updateOne({ _id, attempts }, { $set: { next_at } });
  }

  async chats(tenant: TenantId, chatIds: readonly string[]): Promise<void> {
    await this.notices.deleteMany({ tenant_id: tenant, chat_id: { $in: [...chatIds] } });
  }
}

/** Letters and digits, so that it fits in a header whatever the provider has called the call. */
function idOf({ message_id, call_id }: NewNotice): string {
  const hash = createHash('sha256').update(`${message_id}/${call_id}`).digest('hex');
  return `apr_${hash.slice(0, 32)}`;
}
