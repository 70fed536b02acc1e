import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { mongo, Types, type Model } from 'mongoose';
import { AppError, pageSkip, type PageQuery, type TenantId } from '../common/index.js';
import { MESSAGE, type MessageDocument } from './message.schema.js';
import type { Place, Retry } from './versions.js';

const OBJECT_ID = /^[0-9a-f]{24}$/;

/** A document holds 16 MB. What is stored with the message must leave room for all that its run adds to it. */
const MESSAGE_MAX_BYTES = 15 * 1024 * 1024;

/** The questions that `messages` asks its collection. */
@Injectable()
export class MessagesRepository {
  constructor(@InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>) {}

  /** @throws AppError 413 `too_large_to_store`. */
  async insert(message: MessageDocument): Promise<void> {
    if (mongo.BSON.calculateObjectSize(message) > MESSAGE_MAX_BYTES)
      throw new AppError('too_large_to_store', { messageMaxBytes: MESSAGE_MAX_BYTES });
    await this.messages.collection.insertOne(message);
  }

  async find(tenant: TenantId, messageId: string): Promise<MessageDocument | null> {
    return this.messages
      .findOne({ _id: new Types.ObjectId(messageId), tenant_id: tenant })
      .lean<MessageDocument>();
  }

  async findByKey(tenant: TenantId, chatId: string, key: string): Promise<MessageDocument | null> {
    return this.messages
      .findOne({ tenant_id: tenant, chat_id: chatId, 'idempotency.key': key })
      .lean<MessageDocument>();
  }

  /** One page of a chat's history, oldest first, and how many there are in all. */
  async page(tenant: TenantId, chatId: string, page: PageQuery): Promise<[MessageDocument[], number]> {
    const filter = { tenant_id: tenant, chat_id: chatId };
    return Promise.all([
      this.messages
        .find(filter)
        .sort({ created_at: 1, _id: 1 })
        .skip(pageSkip(page))
        .limit(page.page_size)
        .lean<MessageDocument[]>(),
      this.messages.countDocuments(filter),
    ]);
  }

  /** When the newest message of a chat was stored; nothing when there is none. */
  async newestTime(tenant: TenantId, chatId: string): Promise<Date | undefined> {
    const newest = await this.messages
      .findOne({ tenant_id: tenant, chat_id: chatId }, { created_at: 1, _id: 0 })
      .sort({ created_at: -1 })
      .lean<Pick<MessageDocument, 'created_at'>>();
    return newest?.created_at;
  }

  /** The newest questions of a chat before a place in it, newest first: at most `limit`, `without` some. */
  async before(
    tenant: TenantId,
    { chat_id, created_at, _id }: Place & { chat_id: string },
    { limit, without }: { limit: number; without: readonly Types.ObjectId[] },
  ): Promise<MessageDocument[]> {
    const isEarlier = [{ created_at: { $lt: created_at } }, { created_at, _id: { $lt: _id } }];
    // What waits was overtaken by a message that interrupts: it is still to be answered.
    const filter = { tenant_id: tenant, chat_id, role: 'user' as const, status: { $ne: 'pending' as const } };
    return this.messages
      .find({ ...filter, $or: isEarlier, _id: { $nin: [...without] } })
      .sort({ created_at: -1, _id: -1 })
      .limit(limit)
      .lean<MessageDocument[]>();
  }

  /** The questions of a chat that ask another one again, by what their metadata says. */
  async retries(tenant: TenantId, chatId: string): Promise<Retry[]> {
    const filter = { tenant_id: tenant, chat_id: chatId, role: 'user' as const };
    const rows = await this.messages
      .find({ ...filter, 'metadata.retry_of': { $exists: true } }, { created_at: 1, 'metadata.retry_of': 1 })
      .lean<(Place & Pick<MessageDocument, 'metadata'>)[]>();
    return rows.flatMap(({ _id, created_at, metadata }) => {
      const retry_of = metadata['retry_of'];
      return typeof retry_of === 'string' ? [{ _id, created_at, retry_of }] : [];
    });
  }

  /** Those of some questions that a chat has. @param ids any text; what is no id is not found. */
  async questions(tenant: TenantId, chatId: string, ids: readonly string[]): Promise<MessageDocument[]> {
    const known = [...new Set(ids)].filter((id) => OBJECT_ID.test(id));
    if (known.length === 0) return [];
    const _id = { $in: known.map((id) => new Types.ObjectId(id)) };
    return this.messages
      .find({ _id, tenant_id: tenant, chat_id: chatId, role: 'user' })
      .lean<MessageDocument[]>();
  }

  /** The answers to some questions. */
  async answers(tenant: TenantId, questions: readonly Types.ObjectId[]): Promise<MessageDocument[]> {
    return this.messages
      .find({ tenant_id: tenant, reply_to: { $in: [...questions] } })
      .lean<MessageDocument[]>();
  }

  /** Runs of a chat that have not ended, counted up to `max`. */
  async countOpenInChat(tenant: TenantId, chatId: string, max: number): Promise<number> {
    return this.messages.countDocuments(
      { 'run.open': true, chat_id: chatId, tenant_id: tenant },
      { limit: max },
    );
  }

  /** Runs of all tenants that have not ended, counted up to `max`. */
  async countOpen(max: number): Promise<number> {
    return this.messages.countDocuments({ 'run.open': true }, { limit: max });
  }

  /** Takes back a message. */
  async withdraw(tenant: TenantId, id: Types.ObjectId): Promise<void> {
    await this.messages.deleteOne({ _id: id, tenant_id: tenant });
  }

  /** Messages per chat; chats without any are missing. */
  async countByChat(tenant: TenantId, chatIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.messages.aggregate<{ _id: string; count: number }>([
      { $match: { tenant_id: tenant, chat_id: { $in: [...chatIds] } } },
      { $group: { _id: '$chat_id', count: { $sum: 1 } } },
    ]);
    return new Map(rows.map((row) => [row._id, row.count]));
  }

  /** Ids of every user message in some chats: the names of their logs. */
  async idsInChats(tenant: TenantId, chatIds: readonly string[]): Promise<string[]> {
    const filter = { tenant_id: tenant, chat_id: { $in: [...chatIds] } };
    const rows = await this.messages
      .find({ ...filter, role: 'user' }, { _id: 1 })
      .lean<{ _id: Types.ObjectId }[]>();
    return rows.map((row) => row._id.toHexString());
  }

  async removeInChats(tenant: TenantId, chatIds: readonly string[]): Promise<void> {
    await this.messages.deleteMany({ tenant_id: tenant, chat_id: { $in: [...chatIds] } });
  }
}
