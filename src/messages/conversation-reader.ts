import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { Coalescer, ownedBy, type Scope } from '../common/index.js';
import { MESSAGE, type MessageDocument } from '../run-record/index.js';
import { LongChat, ShortChat, type ChatRecord } from './chat-record.js';
import { inOrder } from './versions.js';

/** Messages of a chat that are read in one go. Most chats are shorter, and four queries would take longer than one. */
const SHORT_CHAT_MAX = 60;
/** Short chats that are read together. */
const CHATS_AT_ONCE = 20;

/** Whose chat: a run, or a question that a person may read. */
type OfChat = Pick<MessageDocument, 'tenant_id' | 'chat_id'>;

/** Opens the chat of a run for the run's worker, or of a question. */
@Injectable()
export class ConversationReader {
  private readonly shortChats = new Coalescer(
    (runs: readonly OfChat[]) => this.readShort(runs),
    CHATS_AT_ONCE,
  );

  constructor(@InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>) {}

  /**
   * What was said in the chat, up to now.
   * @param asked the most questions that the chat can have, if known.
   */
  async open(run: OfChat, asked = Infinity): Promise<ChatRecord> {
    if (2 * asked <= SHORT_CHAT_MAX) return this.shortChats.call(run);
    const { tenant_id, chat_id } = run;
    const messages = await this.messages
      .find({ tenant_id, chat_id })
      .sort({ created_at: 1, _id: 1 })
      .limit(SHORT_CHAT_MAX + 1)
      .lean<MessageDocument[]>();
    return messages.length > SHORT_CHAT_MAX ? new LongChat(this.messages, run) : new ShortChat(messages);
  }

  /** The newest question of a chat. */
  async newestQuestion(scope: Scope, chat_id: string): Promise<MessageDocument | undefined> {
    const newest = await this.messages
      .findOne({ ...ownedBy(scope), chat_id, role: 'user' })
      .sort({ created_at: -1, _id: -1 })
      .lean<MessageDocument>();
    return newest ?? undefined;
  }

  /** For runs of different workers: each is given the messages of its chat alone. */
  private async readShort(runs: readonly OfChat[]): Promise<ShortChat[]> {
    const tenant_id = { $in: [...new Set(runs.map((run) => run.tenant_id))] };
    const chat_id = { $in: [...new Set(runs.map((run) => run.chat_id))] };
    const messages = await this.messages
      .find({ tenant_id, chat_id }, null, { batchSize: CHATS_AT_ONCE * SHORT_CHAT_MAX })
      .lean<MessageDocument[]>();
    return runs.map(
      (run) =>
        new ShortChat(
          messages
            .filter((one) => one.chat_id === run.chat_id && one.tenant_id === run.tenant_id)
            .sort(inOrder),
        ),
    );
  }
}
