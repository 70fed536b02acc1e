import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { mongo, Types, type Model, type QueryFilter } from 'mongoose';
import {
  AppError,
  Coalescer,
  literal,
  ownedBy,
  pageSkip,
  type PageQuery,
  type Scope,
  type TenantId,
} from '../common/index.js';
import type { OpenRun } from '../chats/index.js';
import type { Exchange } from './conversation.js';
import { isTransientMongoError } from '../platform/mongo/index.js';
import { MESSAGE, type MessageDocument } from '../run-record/index.js';
import { SUMMARY, type SummaryRecord } from './summary.schema.js';

const DUPLICATE_KEY = 11_000;

/** A document can have 16 MB. What is stored with the message must leave room for everything its run adds. */
const MESSAGE_MAX_BYTES = 15 * 1024 * 1024;

type OutlinedQuestion = Pick<MessageDocument, '_id' | 'content' | 'status' | 'agent' | 'run' | 'created_at'>;

/** The first question of a chat, and the newest one with how its run stands. */
export interface ChatOutline {
  first: OutlinedQuestion;
  newest: OutlinedQuestion;
}

/** A question as those who follow its chat know it. */
export interface KnownQuestion {
  id: string;
  at: Date;
  content: string;
}

/** The queries that `messages` runs on its collection. */
@Injectable()
export class MessagesRepository {
  private readonly inserts = new Coalescer((messages: readonly MessageDocument[]) =>
    this.insertAll(messages),
  );

  constructor(
    @InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>,
    @InjectModel(SUMMARY) private readonly summaries: Model<SummaryRecord>,
  ) {}

  /** @returns whether it was stored; not when another message has a key of it. */
  async insert(message: MessageDocument): Promise<boolean> {
    const result = await this.inserts.call(message);
    if (result instanceof Error) throw result;
    return result;
  }

  private async insertAll(messages: readonly MessageDocument[]): Promise<(boolean | Error)[]> {
    try {
      await this.messages.collection.insertMany([...messages], { ordered: false });
      return messages.map(() => true);
    } catch (error) {
      if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
      const failed = new Map([error.writeErrors].flat().map((one) => [one.index, one]));
      // A connection that broke comes in the same wrapping, without saying what was stored.
      if (failed.size === 0 || isTransientMongoError(error)) throw error;
      return messages.map((_, index) => {
        const fault = failed.get(index);
        if (!fault) return true;
        return fault.code === DUPLICATE_KEY
          ? false
          : new mongo.MongoServerError({ message: fault.errmsg ?? '', code: fault.code });
      });
    }
  }

  async find(scope: Scope, messageId: string): Promise<MessageDocument | null> {
    return this.messages
      .findOne({ _id: new Types.ObjectId(messageId), ...ownedBy(scope) })
      .lean<MessageDocument>();
  }

  /** What went to the models of a question's run: entries of the agent. */
  async turns(scope: Scope, messageId: string): Promise<Record<string, object> | undefined> {
    const found = await this.messages
      .findOne({ _id: new Types.ObjectId(messageId), ...ownedBy(scope) }, { 'run.turns': 1 })
      .lean<{ run?: { turns?: Record<string, object> } }>();
    return found?.run?.turns;
  }

  /** Questions with their answers, of those that are still there. */
  async exchanges(scope: Scope, ids: readonly string[]): Promise<Exchange[]> {
    if (ids.length === 0) return [];
    const _id = { $in: ids.map((id) => new Types.ObjectId(id)) };
    const found = await this.messages
      .find({ ...ownedBy(scope), $or: [{ _id }, { reply_to: _id }] })
      .lean<MessageDocument[]>();
    const answers = new Map(found.map((one) => [one.reply_to?.toHexString(), one]));
    return found
      .filter(({ role }) => role === 'user')
      .map((question) => ({ question, answer: answers.get(question._id.toHexString()) }));
  }

  /** The texts of summaries of conversations by their ids, of those that are still there. */
  async summaryTexts({ tenant }: Scope, ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const _id = { $in: ids.map((id) => new Types.ObjectId(id)) };
    const found = await this.summaries.find({ _id, tenant_id: tenant }, { text: 1 }).lean();
    return new Map(found.map((one) => [one._id.toHexString(), one.text ?? '']));
  }

  async findByKey(scope: Scope, chatId: string, key: string): Promise<MessageDocument | null> {
    return this.messages
      .findOne({ ...ownedBy(scope), chat_id: chatId, 'idempotency.key': key })
      .lean<MessageDocument>();
  }

  /** The newest message of a user whose idempotency key begins like this, in whatever chat. */
  async newestByKey(
    { tenant }: Scope,
    userId: string,
    { prefix, since }: { prefix: string; since: Date },
  ): Promise<MessageDocument | null> {
    const key = { $regex: `^${literal(prefix)}` };
    return this.messages
      .findOne({ tenant_id: tenant, user_id: userId, 'idempotency.key': key, created_at: { $gte: since } })
      .sort({ created_at: -1 })
      .lean<MessageDocument>();
  }

  /** Removes a question with its answer. */
  async remove(scope: Scope, questionId: string): Promise<void> {
    const _id = new Types.ObjectId(questionId);
    await this.messages.deleteMany({ ...ownedBy(scope), $or: [{ _id }, { reply_to: _id }] });
  }

  /** One page of a chat's history, oldest first, and the total number. */
  async page(scope: Scope, chatId: string, page: PageQuery): Promise<[MessageDocument[], number]> {
    const filter = { ...ownedBy(scope), chat_id: chatId };
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

  /** The newest messages of a chat, oldest first: at most `limit`. */
  async newest(scope: Scope, chatId: string, limit: number): Promise<MessageDocument[]> {
    const found = await this.messages
      .find({ ...ownedBy(scope), chat_id: chatId })
      .sort({ created_at: -1, _id: -1 })
      .limit(limit)
      .lean<MessageDocument[]>();
    return found.reverse();
  }

  /** The newest question of a chat. */
  async newestQuestion(scope: Scope, chatId: string): Promise<MessageDocument | undefined> {
    const newest = await this.messages
      .findOne({ ...ownedBy(scope), chat_id: chatId, role: 'user' })
      .sort({ created_at: -1, _id: -1 })
      .lean<MessageDocument>();
    return newest ?? undefined;
  }

  /** How some chats begin, and how they stand; chats without questions are missing. */
  async outlines(scope: Scope, chatIds: readonly string[]): Promise<Map<string, ChatOutline>> {
    const rows = await this.messages.aggregate<{ _id: string } & ChatOutline>([
      { $match: { ...ownedBy(scope), chat_id: { $in: [...chatIds] }, role: 'user' } },
      { $sort: { created_at: 1, _id: 1 } },
      {
        $project: {
          chat_id: 1,
          content: 1,
          status: 1,
          agent: 1,
          'run.waiting': 1,
          'run.failure': 1,
          created_at: 1,
        },
      },
      { $group: { _id: '$chat_id', first: { $first: '$$ROOT' }, newest: { $last: '$$ROOT' } } },
    ]);
    return new Map(rows.map(({ _id, first, newest }) => [_id, { first, newest }]));
  }

  /** When the newest message of a chat was stored; nothing if there is none. */
  async newestTime(scope: Scope, chatId: string): Promise<Date | undefined> {
    const newest = await this.messages
      .findOne({ ...ownedBy(scope), chat_id: chatId }, { created_at: 1, _id: 0 })
      .sort({ created_at: -1 })
      .lean<Pick<MessageDocument, 'created_at'>>();
    return newest?.created_at;
  }

  /** The questions of a chat whose runs have not ended, oldest first. */
  async openInChat(scope: Scope, chatId: string): Promise<OpenRun[]> {
    const rows = await this.messages
      .find({ 'run.open': true, chat_id: chatId, ...ownedBy(scope) }, { created_at: 1 })
      .sort({ created_at: 1, _id: 1 })
      .lean<Pick<MessageDocument, '_id' | 'created_at'>[]>();
    return rows.map(({ _id, created_at: at }) => ({ id: _id.toHexString(), at }));
  }

  /** Questions of a chat after a time, oldest first; at most `limit`. */
  questionsAfter(scope: Scope, chatId: string, after: Date, limit: number): Promise<KnownQuestion[]> {
    return this.questions({ ...ownedBy(scope), chat_id: chatId, created_at: { $gt: after } }, 1, limit);
  }

  /** Questions of a chat up to a time, newest first; at most `limit`. */
  questionsUpTo(scope: Scope, chatId: string, until: Date, limit: number): Promise<KnownQuestion[]> {
    return this.questions({ ...ownedBy(scope), chat_id: chatId, created_at: { $lte: until } }, -1, limit);
  }

  private async questions(
    filter: QueryFilter<MessageDocument>,
    order: 1 | -1,
    limit: number,
  ): Promise<KnownQuestion[]> {
    const rows = await this.messages
      .find({ ...filter, role: 'user' }, { created_at: 1, content: 1 })
      .sort({ created_at: order, _id: order })
      .limit(limit)
      .lean<Pick<MessageDocument, '_id' | 'created_at' | 'content'>[]>();
    return rows.map(({ _id, created_at: at, content }) => ({ id: _id.toHexString(), at, content }));
  }

  /** Runs of all tenants that have not ended, counted up to `max`. */
  async countOpen(max: number): Promise<number> {
    return this.messages.countDocuments({ 'run.open': true }, { limit: max });
  }

  /** Messages per chat; chats without any are missing. */
  async countByChat(tenant: TenantId, chatIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.messages.aggregate<{ _id: string; count: number }>([
      { $match: { tenant_id: tenant, chat_id: { $in: [...chatIds] } } },
      { $group: { _id: '$chat_id', count: { $sum: 1 } } },
    ]);
    return new Map(rows.map((row) => [row._id, row.count]));
  }

  /** Ids of all user messages in some chats: the names of their logs. */
  async idsInChats(tenant: TenantId, chatIds: readonly string[]): Promise<string[]> {
    const filter = { tenant_id: tenant, chat_id: { $in: [...chatIds] } };
    const rows = await this.messages
      .find({ ...filter, role: 'user' }, { _id: 1 })
      .lean<{ _id: Types.ObjectId }[]>();
    return rows.map((row) => row._id.toHexString());
  }

  /** With the summaries of what was said: after the messages, so that no new one is begun. */
  async removeInChats(tenant: TenantId, chatIds: readonly string[]): Promise<void> {
    const filter = { tenant_id: tenant, chat_id: { $in: [...chatIds] } };
    await this.messages.deleteMany(filter);
    await this.summaries.deleteMany(filter);
  }
}

/** @throws AppError 413 `too_large_to_store`. */
export function assertStorable(message: object): void {
  if (mongo.BSON.calculateObjectSize(message) > MESSAGE_MAX_BYTES)
    throw new AppError('too_large_to_store', { messageMaxBytes: MESSAGE_MAX_BYTES });
}
