import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { Clock, type TenantId } from '../../common/index.js';
import { MESSAGE, RUN_INDEXES, type MessageDocument } from '../../run-record/index.js';

/** A process that works on runs of the tenant. */
export interface Worker {
  name: string;
  /** Runs of the tenant that it works on. */
  runs: number;
  /** It has not given a sign of life in time for some of them; another one will take them over. */
  late: boolean;
}

/** Runs of a tenant that are not done. */
export interface OpenWork {
  pending: number;
  /** How long the oldest of them has waited for a worker, ms. */
  oldest_pending_ms: number;
  processing: number;
  /** Waiting for decisions of people. */
  waiting: number;
  workers: Worker[];
}

/** A sum as the database makes it. */
interface Row {
  _id: { state: 'pending' | 'waiting' | 'processing'; owner?: string };
  runs: number;
  oldest: Date;
  /** When the first of their leases ends. */
  lease?: Date | null;
}

const STATE = {
  $switch: {
    branches: [
      { case: { $eq: ['$status', 'pending'] }, then: 'pending' },
      { case: { $gt: ['$run.waiting.since', null] }, then: 'waiting' },
    ],
    default: 'processing',
  },
};

/** Looks at the runs of a tenant that are not done. */
@Injectable()
export class OpenWorkReader {
  constructor(
    @InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>,
    private readonly clock: Clock,
  ) {}

  async of(tenant: TenantId): Promise<OpenWork> {
    const rows = await this.messages.collection
      .aggregate<Row>(
        [
          { $match: { 'run.open': true, tenant_id: tenant } },
          {
            $group: {
              _id: { state: STATE, owner: '$run.lease.owner' },
              runs: { $sum: 1 },
              oldest: { $min: '$run.queued_at' },
              lease: { $min: '$run.lease.expires_at' },
            },
          },
        ],
        { hint: RUN_INDEXES.open },
      )
      .toArray();
    return toOpenWork(rows, this.clock.now());
  }
}

function toOpenWork(rows: readonly Row[], now: number): OpenWork {
  const of = (state: Row['_id']['state']): Row[] => rows.filter(({ _id }) => _id.state === state);
  const count = (some: readonly Row[]): number => some.reduce((sum, { runs }) => sum + runs, 0);
  const pending = of('pending');
  const oldest = Math.min(now, ...pending.map((row) => row.oldest.getTime()));
  const processing = of('processing');
  return {
    pending: count(pending),
    oldest_pending_ms: now - oldest,
    processing: count(processing),
    waiting: count(of('waiting')),
    workers: processing.flatMap(({ _id: { owner }, runs, lease }) =>
      owner === undefined ? [] : [{ name: owner, runs, late: !lease || lease.getTime() < now }],
    ),
  };
}
