import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import type { TenantId } from '../../common/index.js';
import {
  MESSAGE,
  RUN_INDEXES,
  type MessageDocument,
  type Question,
  type ShownStatus,
} from '../../run-record/index.js';

/** Which runs. */
export interface RunFilter {
  status?: ShownStatus | undefined;
  user?: string | undefined;
  agent?: string | undefined;
  model?: string | undefined;
  /** Code of the error with which it ended. */
  code?: string | undefined;
  /** ms */
  slower_than?: number | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
}

/** Where a part of the list ends. */
export interface RunPlace {
  created_at: Date;
  id: string;
}

/** A run without what anybody has said. */
export type ListedRun = Omit<Question, 'content' | 'metadata' | 'attachments' | 'sources'>;

/** No question, no answer, no name of a file. */
const SHOWN = {
  ...{ chat_id: 1, user_id: 1, agent: 1, status: 1, created_at: 1, processing_time_ms: 1 },
  ...{ 'run.attempt': 1, 'run.queued_at': 1, 'run.started_at': 1, 'run.ended_at': 1, 'run.waiting': 1 },
  ...{ 'run.usage': 1, 'run.cost': 1, 'run.model': 1, 'run.tool_calls': 1, 'run.events_expired': 1 },
  ...{ 'run.failure.code': 1, 'run.failure.retryable': 1 },
} as const;

const NEWEST = { created_at: -1, _id: -1 } as const;

/** Runs of a tenant, newest first, by indexes alone. */
@Injectable()
export class RunList {
  constructor(@InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>) {}

  /** At most `limit` runs after a place. */
  async after(
    tenant: TenantId,
    filter: RunFilter,
    { place, limit }: { place: RunPlace | undefined; limit: number },
  ): Promise<ListedRun[]> {
    return this.find(tenant, filter, place).limit(limit).toArray();
  }

  /** The query itself, e.g. to explain it. */
  find(tenant: TenantId, filter: RunFilter, place?: RunPlace): mongo.FindCursor<ListedRun> {
    return this.messages.collection
      .find<ListedRun>(queryOf(tenant, filter, place), { projection: SHOWN })
      .sort(NEWEST)
      .hint(indexFor(filter));
  }
}

function queryOf(tenant: TenantId, filter: RunFilter, place?: RunPlace): mongo.Filter<mongo.Document> {
  const { user, agent, model, code, slower_than, since, until } = filter;
  const created_at = { ...(since && { $gte: since }), ...(until && { $lt: until }) };
  return {
    tenant_id: tenant,
    role: 'user',
    ...statusQuery(filter),
    ...(user !== undefined && { user_id: user }),
    ...(agent !== undefined && { agent }),
    ...(model !== undefined && { 'run.model': model }),
    ...(code !== undefined && { 'run.failure.code': code }),
    ...(slower_than !== undefined && { processing_time_ms: { $gt: slower_than } }),
    ...((since ?? until) && { created_at }),
    ...(place && { $and: [after(place)] }),
  };
}

function after({ created_at, id }: RunPlace): mongo.Filter<mongo.Document> {
  return {
    // The first condition bounds the part of the index that is read; the second one alone does not.
    created_at: { $lte: created_at },
    $or: [{ created_at: { $lt: created_at } }, { _id: { $lt: new Types.ObjectId(id) } }],
  };
}

function statusQuery({ status, code }: RunFilter): mongo.Filter<mongo.Document> {
  switch (status) {
    case undefined:
      return {};
    case 'pending':
      return { status, 'run.open': true };
    case 'processing':
      return { status, 'run.open': true, 'run.waiting': { $exists: false } };
    case 'waiting':
      return { status: 'processing', 'run.open': true, 'run.waiting': { $exists: true } };
    case 'error':
      return code === undefined ? { status, 'run.failure.code': { $exists: true } } : { status };
    default:
      return { status };
  }
}

/** The index that leaves least to look at; every filter but the times is then tried on its keys or few documents. */
function indexFor({ status, user, code }: RunFilter): string {
  if (status === 'pending' || status === 'processing' || status === 'waiting') return RUN_INDEXES.open;
  if (code !== undefined || status === 'error') return RUN_INDEXES.byFailure;
  return user === undefined ? RUN_INDEXES.byTime : RUN_INDEXES.byUser;
}
