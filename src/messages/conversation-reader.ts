import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import { MESSAGE, type HeldRun, type MessageDocument } from '../run-record/index.js';
import type { Place, Retry } from './versions.js';

const OBJECT_ID = /^[0-9a-f]{24}$/;

/** What the worker of a run may read from the run's chat. */
@Injectable()
export class ConversationReader {
  constructor(@InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>) {}

  /**
   * The newest questions of the chat before a place in it, newest first: at most `limit`, except those in `without`.
   */
  async before(
    run: HeldRun,
    { created_at, _id }: Place,
    { limit, without }: { limit: number; without: readonly Types.ObjectId[] },
  ): Promise<MessageDocument[]> {
    const isEarlier = [{ created_at: { $lt: created_at } }, { created_at, _id: { $lt: _id } }];
    // A pending message was overtaken by one that interrupts: it is yet to be answered.
    const filter = { ...questionsOf(run), status: { $ne: 'pending' as const } };
    return this.messages
      .find({ ...filter, $or: isEarlier, _id: { $nin: [...without] } })
      .sort({ created_at: -1, _id: -1 })
      .limit(limit)
      .lean<MessageDocument[]>();
  }

  /** The questions of the chat that ask another one again, according to their metadata. */
  async retries(run: HeldRun): Promise<Retry[]> {
    const rows = await this.messages
      .find(
        { ...questionsOf(run), 'metadata.retry_of': { $exists: true } },
        { created_at: 1, 'metadata.retry_of': 1 },
      )
      .lean<(Place & Pick<MessageDocument, 'metadata'>)[]>();
    return rows.flatMap(({ _id, created_at, metadata }) => {
      const retry_of = metadata['retry_of'];
      return typeof retry_of === 'string' ? [{ _id, created_at, retry_of }] : [];
    });
  }

  /** Those of the given questions that the chat has. @param ids any text; what is not an id is not found. */
  async questions(run: HeldRun, ids: readonly string[]): Promise<MessageDocument[]> {
    const known = [...new Set(ids)].filter((id) => OBJECT_ID.test(id));
    if (known.length === 0) return [];
    const _id = { $in: known.map((id) => new Types.ObjectId(id)) };
    return this.messages.find({ _id, ...questionsOf(run) }).lean<MessageDocument[]>();
  }

  /** The answers to the given questions. */
  async answers({ tenant_id }: HeldRun, questions: readonly Types.ObjectId[]): Promise<MessageDocument[]> {
    return this.messages.find({ tenant_id, reply_to: { $in: [...questions] } }).lean<MessageDocument[]>();
  }
}

function questionsOf({
  tenant_id,
  chat_id,
}: HeldRun): Pick<MessageDocument, 'tenant_id' | 'chat_id' | 'role'> {
  return { tenant_id, chat_id, role: 'user' };
}
