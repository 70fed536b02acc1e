import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { MESSAGE, type HeldRun, type MessageDocument } from '../run-record/index.js';
import { LongChat, ShortChat, type ChatRecord } from './chat-record.js';

/**
 * The number of messages up to which a chat is read at once. Most chats are shorter, and four queries would take
 * longer than one.
 */
const SHORT_CHAT_MAX = 60;

/** Opens the chat of a run for the run's worker. */
@Injectable()
export class ConversationReader {
  constructor(@InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>) {}

  /** What has been said in the chat so far. */
  async open(run: HeldRun): Promise<ChatRecord> {
    const { tenant_id, chat_id } = run;
    const messages = await this.messages
      .find({ tenant_id, chat_id })
      .sort({ created_at: 1, _id: 1 })
      .limit(SHORT_CHAT_MAX + 1)
      .lean<MessageDocument[]>();
    return messages.length > SHORT_CHAT_MAX ? new LongChat(this.messages, run) : new ShortChat(messages);
  }
}
