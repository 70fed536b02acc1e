import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter, Types } from 'mongoose';
import { Clock, ownedBy, type Scope } from '../common/index.js';
import { MESSAGE, type MessageDocument, type RunStatus } from '../run-record/index.js';
import { DOOR_MARK, type DoorMarkDocument } from './door-mark.schema.js';

/** Runs of one agent and one label with the same status. */
export interface RunFigures {
  agent: string;
  /** What the door called the run; `null`: nothing. */
  label: string | null;
  status: RunStatus;
  count: number;
  /** From their starts to their ends, together. */
  duration_ms: number;
  tokens: number;
}

/** Which question is looked for. */
export interface AskedBefore {
  door: string;
  agent: string;
  content: string;
  /** It was asked before. */
  before: Date;
}

/** As many runs of the same question as are looked through. */
const CANDIDATES_MAX = 1000;

/** The runs that were begun through one door. */
@Injectable()
export class DoorRuns {
  constructor(
    @InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>,
    @InjectModel(DOOR_MARK) private readonly marks: Model<DoorMarkDocument>,
    private readonly clock: Clock,
  ) {}

  /** Ids of messages that asked a question, newest first. */
  async asked(scope: Scope, { door, agent, content, before }: AskedBefore): Promise<string[]> {
    const filter = { ...ownedBy(scope), 'run.door.name': door, agent, created_at: { $lte: before }, content };
    const found = await this.messages
      .find(filter, { _id: 1 })
      .sort({ created_at: -1 })
      .limit(CANDIDATES_MAX)
      .lean<{ _id: Types.ObjectId }[]>();
    return found.map(({ _id }) => _id.toHexString());
  }

  /** Figures of a tenant's runs since the last reset. @param agent default: all. */
  async figures(
    { tenant }: Scope,
    door: string,
    agent?: string,
  ): Promise<{ since: Date | null; runs: RunFigures[] }> {
    const mark = await this.marks.findOne({ tenant_id: tenant, door }).lean<DoorMarkDocument>();
    const match: QueryFilter<MessageDocument> = {
      tenant_id: tenant,
      'run.door.name': door,
      ...(agent !== undefined && { agent }),
      ...(mark && { created_at: { $gt: mark.since } }),
    };
    const duration = { $subtract: ['$run.ended_at', '$run.started_at'] };
    const runs = await this.messages.aggregate<RunFigures>([
      { $match: match },
      {
        $group: {
          _id: { agent: '$agent', label: '$run.door.label', status: '$status' },
          count: { $sum: 1 },
          duration_ms: { $sum: { $ifNull: [duration, 0] } },
          tokens: { $sum: { $ifNull: ['$run.usage.total_tokens', 0] } },
        },
      },
      { $replaceWith: { $mergeObjects: ['$$ROOT', { label: null }, '$_id'] } },
      { $unset: '_id' },
      { $sort: { agent: 1, label: 1, status: 1 } },
    ]);
    return { since: mark?.since ?? null, runs };
  }

  /** Lets figures begin anew: the runs stay as they are. @returns since when. */
  async reset({ tenant }: Scope, door: string): Promise<Date> {
    const since = new Date(this.clock.now());
    await this.marks.updateOne({ tenant_id: tenant, door }, { $set: { since } }, { upsert: true });
    return since;
  }
}
