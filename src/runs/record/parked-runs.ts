import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type PipelineStage } from 'mongoose';
import { Clock } from '../../common/index.js';
import { MESSAGE, type HeldRun, type MessageDocument } from '../../run-record/index.js';
import { unchanged } from './fencing.js';

/** A woken run is taken like one whose worker is gone. */
const NOBODYS = { owner: 'nobody', expires_at: new Date(0) };

/** What a run waits for. */
export interface Rest {
  /** When the first of its calls expires. */
  until: Date;
  /** Ids of the calls. */
  calls: string[];
}

/**
 * Runs that wait for a decision. They have no holder and no lease, so no worker takes them; they keep the status
 * `processing`, so that they remain the one run of their chat.
 */
@Injectable()
export class ParkedRuns {
  constructor(
    @InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>,
    private readonly clock: Clock,
  ) {}

  /**
   * Gives a run up until a decision. Such an attempt does not count against the run.
   * @returns false if it belongs to another worker, or must stop.
   */
  async park(run: HeldRun, { until, calls }: Rest): Promise<boolean> {
    const waiting = { since: new Date(this.clock.now()), until, calls };
    const change = {
      $set: { 'run.waiting': waiting, 'run.left_attempt': run.run.attempt },
      $unset: { 'run.lease': 1 as const },
      $inc: { 'run.handovers': 1 },
    };
    const own = { ...unchanged(run), 'run.cancel_requested': false, 'run.waiting': { $exists: false } };
    const { matchedCount } = await this.messages.updateOne(own, change);
    return matchedCount > 0;
  }

  /** Makes a run that waits ready for a worker. @returns its chat; nothing if it does not wait. */
  async wake(messageId: string): Promise<string | undefined> {
    const waiting = {
      _id: new Types.ObjectId(messageId),
      'run.open': true,
      'run.waiting': { $exists: true },
    };
    const woken = await this.messages
      .findOneAndUpdate(
        waiting,
        [
          {
            $set: {
              'run.lease': { $literal: NOBODYS },
              'run.woken_attempt': { $add: ['$run.attempt', 1] },
            },
          },
          ...rested(this.clock.now()),
        ],
        { updatePipeline: true, projection: { chat_id: 1 } },
      )
      .lean<Pick<MessageDocument, 'chat_id'>>();
    return woken?.chat_id;
  }

  /** Runs that wait. */
  async count(): Promise<number> {
    return this.messages.countDocuments({ 'run.open': true, 'run.waiting': { $exists: true } });
  }
}

/** Ends a rest, and adds it to what the run has waited. @param now epoch milliseconds */
export function rested(now: number): (PipelineStage.Set | PipelineStage.Unset)[] {
  const rest = { $max: [0, { $subtract: [new Date(now), '$run.waiting.since'] }] };
  return [
    { $set: { 'run.waited_ms': { $add: [{ $ifNull: ['$run.waited_ms', 0] }, rest] } } },
    { $unset: 'run.waiting' },
  ];
}
