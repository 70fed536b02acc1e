import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { ChatsService } from '../chats/index.js';
import { Settings } from '../platform/config/index.js';
import { Log } from '../platform/logging/index.js';
import { retryTransient } from '../platform/mongo/index.js';
import { MESSAGE, type MessageDocument } from '../run-record/index.js';

const BATCH = 1000;

/**
 * Sets the user of messages that an earlier version stored, in the background during startup. The index `without_user`
 * contains exactly the messages that are left: a start that finds none costs one look into an empty index, and the
 * next start continues an interrupted one.
 */
@Injectable()
export class OwnerFill implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Log(OwnerFill.name);
  private readonly leaving = new AbortController();
  private work: Promise<unknown> = Promise.resolve();

  constructor(
    @InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>,
    private readonly chats: ChatsService,
    private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.ROLE !== 'api') this.work = this.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.leaving.abort();
    await this.work;
  }

  /** Fills in missing users, chat by chat. Several processes may do so at once. @returns how many messages. */
  async run(): Promise<number> {
    let filled = 0;
    for (let last = ''; !this.leaving.signal.aborted;) {
      const chatIds = await this.chatsBehind(last);
      const end = chatIds.at(-1);
      if (end === undefined) break;
      filled += await this.fill(chatIds);
      last = end;
    }
    return filled;
  }

  private async start(): Promise<void> {
    try {
      const filled = await this.run();
      if (filled > 0) this.logger.info(`${filled} messages of an earlier version now have their user`);
    } catch (error) {
      this.logger.warn('some messages of an earlier version have no user yet; the next start continues', {
        err: error,
      });
    }
  }

  private async chatsBehind(chatId: string): Promise<string[]> {
    const rows = await this.retried(() =>
      this.messages
        .find({ user_id: null, chat_id: { $gt: chatId } }, { chat_id: 1, _id: 0 })
        .hint('without_user')
        .sort({ chat_id: 1 })
        .limit(BATCH)
        .lean<Pick<MessageDocument, 'chat_id'>[]>(),
    );
    return [...new Set(rows.map(({ chat_id }) => chat_id))];
  }

  /** Messages whose chat is gone stay unchanged: the deletion of the chat will erase them. */
  private async fill(chatIds: readonly string[]): Promise<number> {
    const owners = await this.retried(() => this.chats.ownersOf(chatIds));
    if (owners.size === 0) return 0;
    const writes = [...owners].map(([chat_id, user_id]) => ({
      updateMany: { filter: { chat_id, user_id: null }, update: { $set: { user_id } } },
    }));
    return (await this.retried(() => this.messages.bulkWrite(writes, { ordered: false }))).modifiedCount;
  }

  private retried<T>(call: () => Promise<T>): Promise<T> {
    return retryTransient(call, { signal: this.leaving.signal });
  }
}
