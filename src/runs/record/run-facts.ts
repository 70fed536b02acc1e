import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, Types } from 'mongoose';
import { Clock } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { MESSAGE, type MessageDocument, type Question } from '../../run-record/index.js';

/** Open runs that are looked at, the oldest first. */
const OPEN_MAX = 5000;

/** What is known about runs that are not done; for operators. */
@Injectable()
export class RunFactsReader {
  constructor(
    @InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /** Counts and ages of open runs. One query; ages in ms. */
  async open() {
    const runs = await this.messages
      .find(
        { 'run.open': true },
        { chat_id: 1, status: 1, 'run.lease': 1, 'run.queued_at': 1, 'run.waiting': 1 },
      )
      .sort({ 'run.queued_at': 1 })
      .limit(OPEN_MAX)
      .lean<Question[]>();
    const now = this.clock.now();
    const patience = 2 * this.settings.RUN_LEASE_MS;
    const age = (since: Date | undefined): number => (since ? Math.max(0, now - since.getTime()) : 0);
    const pending = runs.filter(({ status }) => status === 'pending');
    const waiting = runs.filter(({ run }) => run.waiting !== undefined);
    const busy = new Set(runs.filter(({ status }) => status !== 'pending').map(({ chat_id }) => chat_id));
    const late = pending.filter(({ run }) => age(run.queued_at) > patience);
    const expired = now - this.settings.RUN_LEASE_MS;
    const leases = runs.flatMap(({ run }) => (run.waiting || !run.lease ? [] : [run.lease]));
    return {
      pending: pending.length,
      oldest_pending_ms: age(pending[0]?.run.queued_at),
      stuck: late.filter(({ chat_id }) => !busy.has(chat_id)).length,
      orphaned: leases.filter(({ expires_at }) => expires_at.getTime() < expired).length,
      waiting: waiting.length,
      oldest_waiting_ms: Math.max(0, ...waiting.map(({ run }) => age(run.waiting?.since))),
      truncated: runs.length === OPEN_MAX,
    };
  }

  /** Ids of messages whose runs ended last, and whose logs are kept. */
  async endedLast(count: number): Promise<string[]> {
    const ended = await this.messages
      .find({ 'run.open': false, 'run.events_expired': null }, { _id: 1 })
      .sort({ 'run.ended_at': -1 })
      .limit(count)
      .lean<{ _id: Types.ObjectId }[]>();
    return ended.map(({ _id }) => _id.toHexString());
  }
}
