import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { Clock, ownedBy, type Scope } from '../common/index.js';
import { ChatOrder } from './chat-order.js';
import { CHAT, type ChatDocument } from './chat.schema.js';

/** Names a chat to code that was granted access to it before. */
export interface ChatKey {
  tenant_id: string;
  chat_id: string;
}

/** A chat that knows its latest message and its open runs. */
export type KnownChat = ChatDocument & Required<Pick<ChatDocument, 'open_runs'>>;

/** What a question asks of its chat. */
export interface PlaceRequest {
  /** Id of the question. */
  id: string;
  /** Open runs that the chat may have at most, this one included. */
  max: number;
}

/** No deletion of the chat has begun. */
const ALIVE = { deleting: { $ne: true } };

/** The message that gets a time is written after the chat, and waits for the journal: the chat need not wait, too. */
const NOT_JOURNALED = { w: 1, journal: false } as const;

/**
 * The places of a chat's messages. One atomic update of the chat's document gives a message its time, later than that of
 * all before it whatever the clocks of the servers say, and tells whether other runs of the chat are open
 * (docs/decisions/014, 017).
 */
@Injectable()
export class ChatPlaces {
  constructor(
    @InjectModel(CHAT) private readonly chats: Model<ChatDocument>,
    private readonly order: ChatOrder,
    private readonly clock: Clock,
  ) {}

  /**
   * Gives a question its place, if the chat has room for it. Counts as activity.
   * @returns the chat as it is now: `open_runs` ends with the question's id if it was let in, and its time is
   * `last_message_at`. `null` when the chat is gone, is being deleted, is not the scope's, or has to {@link learn} first.
   */
  async enter(scope: Scope, chatId: string, { id, max }: PlaceRequest): Promise<KnownChat | null> {
    const now = new Date(this.clock.now());
    const hasRoom = { $lt: [{ $size: '$open_runs' }, max] };
    const ifRoom = (then: unknown, field: string): object => ({ $cond: [hasRoom, then, field] });
    const change = {
      previous_message_at: ifRoom('$last_message_at', '$previous_message_at'),
      last_message_at: ifRoom(after('$last_message_at', now), '$last_message_at'),
      updated_at: ifRoom(after('$updated_at', now), '$updated_at'),
      open_runs: ifRoom({ $concatArrays: ['$open_runs', [{ $literal: id }]] }, '$open_runs'),
    };
    return this.chats
      .findOneAndUpdate(
        { _id: chatId, ...ownedBy(scope), ...ALIVE, open_runs: { $type: 'array' } },
        [{ $set: change }],
        { returnDocument: 'after', updatePipeline: true, writeConcern: NOT_JOURNALED },
      )
      .lean<KnownChat>();
  }

  /**
   * Gives the answer to a question its place, and forgets the question's run. May be repeated.
   * @returns the chat as it is now, or `null` when it is gone or being deleted.
   */
  async leave({ tenant_id, chat_id }: ChatKey, id: string, behind: Date): Promise<ChatDocument | null> {
    const now = new Date(this.clock.now());
    const change = {
      last_message_at: { $max: [after('$last_message_at', now), new Date(behind.getTime() + 1)] },
      open_runs: { $cond: [{ $isArray: '$open_runs' }, without(id), '$$REMOVE'] },
    };
    return this.chats
      .findOneAndUpdate({ _id: chat_id, tenant_id, ...ALIVE }, [{ $set: change }], {
        returnDocument: 'after',
        updatePipeline: true,
        writeConcern: NOT_JOURNALED,
      })
      .lean<ChatDocument>();
  }

  /** Tells a chat that an earlier version stored, or an import, of its latest message and its open runs. */
  async learn(
    { tenant_id, chat_id }: ChatKey,
    known: { last_message_at: Date | undefined; open_runs: string[] },
  ): Promise<void> {
    const { last_message_at, open_runs } = known;
    await this.chats.updateOne(
      { _id: chat_id, tenant_id, open_runs: { $exists: false } },
      { $set: { open_runs }, ...(last_message_at && { $max: { last_message_at } }) },
    );
  }

  /** Puts the chat before the user's other chats; to be called after {@link enter}. */
  async raise(chat: ChatDocument): Promise<void> {
    await this.order.raise(chat);
  }

  /** Takes ids out of the chat's open runs that have none: a process was killed between two of its writes. */
  async forget({ tenant_id, chat_id }: ChatKey, ids: readonly string[]): Promise<void> {
    await this.chats.updateOne({ _id: chat_id, tenant_id }, { $pullAll: { open_runs: [...ids] } });
  }
}

/** The open runs of a chat but one. */
function without(id: string): object {
  return { $filter: { input: '$open_runs', cond: { $ne: ['$$this', { $literal: id }] } } };
}

/** Now, or 1 ms after a field. */
function after(field: string, now: Date): { $max: unknown[] } {
  return { $max: [now, { $add: [field, 1] }] };
}
