import { Types, type Model } from 'mongoose';
import type { MessageDocument } from '../run-record/index.js';
import { inOrder, isLegacyRetry, rootOf, type Place, type Retry } from './versions.js';

const OBJECT_ID = /^[0-9a-f]{24}$/;

/** Which questions before a place. */
export interface Before {
  limit: number;
  without: readonly Types.ObjectId[];
}

/** What was said in a chat. */
export interface ChatRecord {
  /** The newest questions before a place in the chat, newest first: at most `limit`, except those in `without`. */
  before(place: Place, which: Before): Promise<MessageDocument[]>;
  /** The questions that ask another one again according to their metadata alone: from before there were branches. */
  retries(): Promise<Retry[]>;
  /** The questions in the places of some others, those included. @param roots the first question of each place. */
  versions(roots: readonly Types.ObjectId[]): Promise<MessageDocument[]>;
  /** Those of some questions that the chat has. @param ids any text; what is no id is not found. */
  questions(ids: readonly string[]): Promise<MessageDocument[]>;
  /** The answers to some questions. */
  answers(questions: readonly Types.ObjectId[]): Promise<MessageDocument[]>;
}

/** A chat that was read at once. */
export class ShortChat implements ChatRecord {
  private readonly asked: readonly MessageDocument[];

  /** @param messages of the chat, oldest first. */
  constructor(private readonly messages: readonly MessageDocument[]) {
    this.asked = messages.filter(({ role }) => role === 'user');
  }

  before(place: Place, { limit, without }: Before): Promise<MessageDocument[]> {
    const left = new Set(without.map(String));
    const earlier = this.asked.filter(
      (question) => inOrder(question, place) < 0 && !left.has(String(question._id)),
    );
    return Promise.resolve(earlier.slice(-limit).reverse());
  }

  retries(): Promise<Retry[]> {
    return Promise.resolve(this.asked.flatMap(toRetry));
  }

  versions(roots: readonly Types.ObjectId[]): Promise<MessageDocument[]> {
    const wanted = new Set(roots.map(String));
    return Promise.resolve(this.asked.filter((question) => wanted.has(String(rootOf(question)))));
  }

  questions(ids: readonly string[]): Promise<MessageDocument[]> {
    return Promise.resolve(this.asked.filter(({ _id }) => ids.includes(_id.toHexString())));
  }

  answers(questions: readonly Types.ObjectId[]): Promise<MessageDocument[]> {
    const ids = new Set(questions.map(String));
    return Promise.resolve(
      this.messages.filter(({ reply_to }) => reply_to !== undefined && ids.has(String(reply_to))),
    );
  }
}

/** A chat that is queried piece by piece. */
export class LongChat implements ChatRecord {
  private readonly asked: Pick<MessageDocument, 'tenant_id' | 'chat_id' | 'role'>;

  constructor(
    private readonly messages: Model<MessageDocument>,
    { tenant_id, chat_id }: Pick<MessageDocument, 'tenant_id' | 'chat_id'>,
  ) {
    this.asked = { tenant_id, chat_id, role: 'user' };
  }

  async before({ created_at, _id }: Place, { limit, without }: Before): Promise<MessageDocument[]> {
    const isEarlier = [{ created_at: { $lt: created_at } }, { created_at, _id: { $lt: _id } }];
    return this.messages
      .find({ ...this.asked, $or: isEarlier, _id: { $nin: [...without] } })
      .sort({ created_at: -1, _id: -1 })
      .limit(limit)
      .lean<MessageDocument[]>();
  }

  async retries(): Promise<Retry[]> {
    const rows = await this.messages
      .find(
        { ...this.asked, 'metadata.retry_of': { $exists: true } },
        { created_at: 1, 'metadata.retry_of': 1, parent_id: 1 },
      )
      .lean<RetryRow[]>();
    return rows.flatMap(toRetry);
  }

  async versions(roots: readonly Types.ObjectId[]): Promise<MessageDocument[]> {
    if (roots.length === 0) return [];
    const [first, forks] = await Promise.all([
      this.messages.find({ ...this.asked, _id: { $in: [...roots] } }).lean<MessageDocument[]>(),
      this.messages
        .find({ ...this.asked, parent_id: { $exists: true }, version_of: { $in: [...roots] } })
        .lean<MessageDocument[]>(),
    ]);
    return [...first, ...forks].sort(inOrder);
  }

  async questions(ids: readonly string[]): Promise<MessageDocument[]> {
    const known = [...new Set(ids)].filter((id) => OBJECT_ID.test(id));
    if (known.length === 0) return [];
    const _id = { $in: known.map((id) => new Types.ObjectId(id)) };
    return this.messages.find({ _id, ...this.asked }).lean<MessageDocument[]>();
  }

  async answers(questions: readonly Types.ObjectId[]): Promise<MessageDocument[]> {
    const { tenant_id } = this.asked;
    return this.messages.find({ tenant_id, reply_to: { $in: [...questions] } }).lean<MessageDocument[]>();
  }
}

type RetryRow = Place & Pick<MessageDocument, 'metadata' | 'parent_id'>;

/** A question that names another one which it asks again. */
function toRetry(question: RetryRow): Retry[] {
  const { _id, created_at, metadata } = question;
  const retry_of = metadata['retry_of'];
  return isLegacyRetry(question) && typeof retry_of === 'string' ? [{ _id, created_at, retry_of }] : [];
}
