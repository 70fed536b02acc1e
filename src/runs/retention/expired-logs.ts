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

/** Which logs have expired: the two queries and two marks of retention. Index `ended_runs` serves both. */
@Injectable()
export class ExpiredLogs {
  constructor(@InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>) {}

  /** Makes some logs of runs that ended before a time unreadable. @returns how many; 0 if none is left. */
  async expireBefore(time: Date): Promise<number> {
    // `null` finds the missing field through its index; open runs have a different `run.open`.
    const old = { 'run.open': false, 'run.events_expired': null, 'run.ended_at': { $lt: time } };
    const found = await this.messages.find(old, { _id: 1 }).limit(BATCH).lean<{ _id: Types.ObjectId }[]>();
    if (found.length === 0) return 0;
    const ids = { _id: { $in: found.map(({ _id }) => _id) } };
    await this.messages.updateMany({ ...old, ...ids }, { $set: { 'run.events_expired': 'removing' } });
    return found.length;
  }

  /** Some logs that nobody reads any more and that are not known to be deleted. */
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

  /** Records that logs have been deleted. */
  async noteRemoved({ tenant, ids }: TenantMessages): Promise<void> {
    const gone = { _id: { $in: ids }, tenant_id: tenant, 'run.events_expired': 'removing' as const };
    await this.messages.updateMany(gone, { $set: { 'run.events_expired': 'removed' } });
  }
}
