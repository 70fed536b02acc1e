import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import { pageSkip, type PageQuery, type TenantId } from '../common/index.js';
import { MESSAGE, type MessageDocument } from './message.schema.js';

/** The questions that `messages` asks its collection. */
@Injectable()
export class MessagesRepository {
  constructor(@InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>) {}

  async insert(message: MessageDocument): Promise<void> {
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

  /** The newest questions of a chat before one of them, newest first. */
  async before(tenant: TenantId, message: MessageDocument, limit: number): Promise<MessageDocument[]> {
    const filter = {
      tenant_id: tenant,
      chat_id: message.chat_id,
      _id: { $ne: message._id },
      role: 'user' as const,
    };
    return this.messages
      .find({ ...filter, created_at: { $lte: message.created_at } })
      .sort({ created_at: -1, _id: -1 })
      .limit(limit)
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
