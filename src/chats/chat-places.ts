import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { Clock, Coalescer, covers, type Scope } from '../common/index.js';
import { ChatOrder } from './chat-order.js';
import { CHAT, type ChatDocument, type OpenRun } from './chat.schema.js';

/** Identifies a chat to code that has checked access before. */
export interface ChatKey {
  tenant_id: string;
  chat_id: string;
}

/** A chat that knows its latest message and its open runs. */
export type KnownChat = ChatDocument & Required<Pick<ChatDocument, 'open_runs'>>;

/** What a question requires of its chat. */
export interface PlaceRequest {
  /** Id of the question. */
  id: string;
  /** Maximum number of open runs in the chat, including this one. */
  max: number;
}

/** What an answer asks of its chat. */
export interface AnswerRequest extends ChatKey {
  /** Id of the question. */
  id: string;
  /** A time that the answer must follow. */
  behind: Date;
}

/** A change of one chat, as the stage of an update pipeline. */
interface ChatChange {
  filter: { _id: string } & Record<string, unknown>;
  change: Record<string, unknown>;
}

/** The deletion of the chat has not begun. */
const ALIVE = { deleting: { $ne: true } };

/**
 * The message that gets a time is written after the chat, and waits for the journal: the chat's update need not wait,
 * too.
 */
const WRITE = { ordered: false, writeConcern: { w: 1, journal: false } } as const;

const NOT_SHOWN = { title_search: 0 } as const;

/** Answers whose times a chat remembers, so that giving one a place may be repeated. */
const ANSWERS_REMEMBERED = 8;

/**
 * The places of a chat's messages. One atomic update of the chat's document gives a message its time, later than that of
 * all before it whatever the clocks of the servers say, and tells whether other runs of the chat are open
 * (docs/decisions/014, 017). Places that are asked for at once, of any chats, are given in one write and read in one read.
 */
@Injectable()
export class ChatPlaces {
  private readonly changes = new Coalescer((changes: readonly ChatChange[]) => this.change(changes));

  constructor(
    @InjectModel(CHAT) private readonly chats: Model<ChatDocument>,
    private readonly order: ChatOrder,
    private readonly clock: Clock,
  ) {}

  /**
   * Gives a question its place, if the chat has room for it. Counts as activity. May be repeated.
   * @returns the chat as it is now; `open_runs` has the question if it was let in. `null` when the chat is gone, is being
   * deleted, is not the scope's, or has to {@link learn} first.
   */
  async enter(scope: Scope, chatId: string, { id, max }: PlaceRequest): Promise<KnownChat | null> {
    const now = new Date(this.clock.now());
    const at = after('$last_message_at', now);
    const isNew = { $not: [{ $in: [{ $literal: id }, '$open_runs.id'] }] };
    const hasRoom = { $and: [isNew, { $lt: [{ $size: '$open_runs' }, max] }] };
    const ifRoom = (then: unknown, field: string): object => ({ $cond: [hasRoom, then, field] });
    const entry = { id: { $literal: id }, at };
    const change = {
      last_message_at: ifRoom(at, '$last_message_at'),
      updated_at: ifRoom(after('$updated_at', now), '$updated_at'),
      asked: ifRoom({ $ifNull: [{ $add: ['$asked', 1] }, '$$REMOVE'] }, '$asked'),
      open_runs: ifRoom({ $concatArrays: ['$open_runs', [entry]] }, '$open_runs'),
    };
    // Whose chat it is decides the filter, too: nothing of another's chat is changed.
    const mine = { tenant_id: scope.tenant, ...(typeof scope.user === 'string' && { user_id: scope.user }) };
    const filter = { _id: chatId, ...mine, ...ALIVE, open_runs: { $type: 'array' as const } };
    const chat = await this.changes.call({ filter, change });
    if (!chat?.open_runs || chat.tenant_id !== scope.tenant || !covers(scope, chat.user_id)) return null;
    return { ...chat, open_runs: chat.open_runs };
  }

  /**
   * Gives the answer to a question its place, and forgets the question's run. May be repeated.
   * @returns the chat as it is now, or `null` when it is gone or being deleted; `answered` has the answer's time.
   */
  async leave({ tenant_id, chat_id, id, behind }: AnswerRequest): Promise<ChatDocument | null> {
    const at = {
      $max: [after('$last_message_at', new Date(this.clock.now())), new Date(behind.getTime() + 1)],
    };
    const earlier = { $ifNull: ['$answered', []] };
    const isNew = { $not: [{ $in: [{ $literal: id }, { $ifNull: ['$answered.id', []] }] }] };
    const ifNew = (then: unknown, field: string): object => ({ $cond: [isNew, then, field] });
    const entries = { $concatArrays: [earlier, [{ id: { $literal: id }, at }]] };
    const change = {
      last_message_at: ifNew(at, '$last_message_at'),
      answered: ifNew({ $slice: [entries, -ANSWERS_REMEMBERED] }, '$answered'),
      open_runs: { $cond: [{ $isArray: '$open_runs' }, without(id), '$$REMOVE'] },
    };
    const filter = { _id: chat_id, tenant_id, ...ALIVE };
    return this.changes.call({ filter, change });
  }

  /** Puts a chat that a question was let into before the user's other chats. */
  async raise(chat: ChatDocument): Promise<void> {
    await this.order.raise(chat);
  }

  /** Whether there is no such chat, of whatever tenant, or its deletion has begun. */
  async isGone(chatId: string): Promise<boolean> {
    return (await this.chats.exists({ _id: chatId, ...ALIVE })) === null;
  }

  /** Tells a chat that an earlier version or an import stored about its latest message and its open runs. */
  async learn(
    { tenant_id, chat_id }: ChatKey,
    known: { last_message_at: Date | undefined; open_runs: OpenRun[] },
  ): Promise<void> {
    const { last_message_at, open_runs } = known;
    await this.chats.updateOne(
      { _id: chat_id, tenant_id, open_runs: { $exists: false } },
      { $set: { open_runs }, ...(last_message_at && { $max: { last_message_at } }) },
    );
  }

  /** Takes questions out of the chat's open runs that have none: they were refused, or their process was killed. */
  async forget({ tenant_id, chat_id }: ChatKey, ids: readonly string[]): Promise<void> {
    await this.chats.updateOne(
      { _id: chat_id, tenant_id },
      { $pull: { open_runs: { id: { $in: [...ids] } } } },
    );
  }

  /** Makes changes of chats; each gets its chat as it is after all of them. */
  private async change(changes: readonly ChatChange[]): Promise<(ChatDocument | null)[]> {
    const [only] = changes;
    if (only && changes.length === 1) return [await this.changeOne(only)];
    const ids = changes.map(({ filter }) => filter._id);
    const writes = changes.map(({ filter, change }) => ({
      updateOne: { filter, update: [{ $set: change }] },
    }));
    await this.chats.collection.bulkWrite(writes as never, WRITE);
    const chats = await this.chats.find({ _id: { $in: ids }, ...ALIVE }, NOT_SHOWN).lean<ChatDocument[]>();
    const byId = new Map(chats.map((chat) => [chat._id, chat]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  /** One command instead of two: a chat that did not fit the filter is read by the next question about it. */
  private async changeOne({ filter, change }: ChatChange): Promise<ChatDocument | null> {
    const { writeConcern } = WRITE;
    const options = {
      returnDocument: 'after',
      projection: NOT_SHOWN,
      writeConcern,
    } as const;
    // Bypasses Mongoose, which would cast what has its types already.
    const chats = this.chats.collection as unknown as mongo.Collection<ChatDocument>;
    return chats.findOneAndUpdate(filter, [{ $set: change }], options);
  }
}

/** The open runs of a chat except one. */
function without(id: string): object {
  return { $filter: { input: '$open_runs', cond: { $ne: ['$$this.id', { $literal: id }] } } };
}

/** Now, or 1 ms after a field. */
function after(field: string, now: Date): { $max: unknown[] } {
  return { $max: [now, { $add: [field, 1] }] };
}
