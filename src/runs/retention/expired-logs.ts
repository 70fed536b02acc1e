import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, Types } from 'mongoose';
import type { TenantId } from '../../common/index.js';
import { MESSAGE, type MessageDocument } from '../../run-record/index.js';

/** Messages of one tenant. */
export interface TenantMessages {
  tenant: TenantId;
  ids: string[];
}

/** Logs taken in one step. */
const BATCH = 100;

/** Which logs are over: the two questions and two notes of retention. Index `ended_runs` answers both. */
@Injectable()
export class ExpiredLogs {
  constructor(@InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>) {}

  /** Takes some logs of runs that ended before a time from their readers. @returns how many; 0 when none is left. */
  async expireBefore(time: Date): Promise<number> {
    // `null` finds the missing field by its index; runs that are open have another `run.open`.
    const old = { 'run.open': false, 'run.events_expired': null, 'run.ended_at': { $lt: time } };
    const found = await this.messages.find(old, { _id: 1 }).limit(BATCH).lean<{ _id: Types.ObjectId }[]>();
    if (found.length === 0) return 0;
    const ids = { _id: { $in: found.map(({ _id }) => _id) } };
    await this.messages.updateMany({ ...old, ...ids }, { $set: { 'run.events_expired': 'removing' } });
    return found.length;
  }

  /** Some logs that nobody reads any more and that are not known to be gone. */
  async toRemove(): Promise<TenantMessages[]> {
    const found = await this.messages
      .find({ 'run.open': false, 'run.events_expired': 'removing' }, { tenant_id: 1 })
      .limit(BATCH)
      .lean<{ _id: Types.ObjectId; tenant_id: string }[]>();
    const tenants = [...new Set(found.map(({ tenant_id }) => tenant_id))];
    return tenants.map((tenant) => ({
      tenant: tenant as TenantId,
      ids: found.filter(({ tenant_id }) => tenant_id === tenant).map(({ _id }) => _id.toHexString()),
    }));
  }

  /** Notes that logs are gone. */
  async noteRemoved({ tenant, ids }: TenantMessages): Promise<void> {
    const gone = { _id: { $in: ids }, tenant_id: tenant, 'run.events_expired': 'removing' as const };
    await this.messages.updateMany(gone, { $set: { 'run.events_expired': 'removed' } });
  }
}
