import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { randomUUID } from 'node:crypto';
import {
  AppError,
  Coalescer,
  covers,
  ownedBy,
  pageSkip,
  toPage,
  type Page,
  type PageQuery,
  type Scope,
  type TenantId,
} from '../common/index.js';
import { ErasureRegistry } from '../platform/erasure/index.js';
import { UsersService } from '../users/index.js';
import { ChatOrder } from './chat-order.js';
import type { ChatKey } from './chat-places.js';
import { CHAT, type ChatDocument } from './chat.schema.js';
import { MessageCounter } from './message-counter.js';
import { withTitle } from './title-search.js';

const DEFAULT_TITLE = 'New chat';
/** Chats whose deletion has not begun. */
const ALIVE = { deleting: { $ne: true } };
const ERASE_BATCH = 500;

/** A chat with its number of messages. */
export interface CountedChat {
  chat: ChatDocument;
  messageCount: number;
}

/** What a new chat is called. */
export interface NewChat {
  title?: string | null | undefined;
  /** Whether the model may replace the title after the first answer. Default: if there is none. */
  auto_title?: boolean | undefined;
  /** See {@link ChatDocument.instructions}. */
  instructions?: string | null | undefined;
  /** As {@link ModelChoice} names it. */
  model?: string | null | undefined;
  /** See {@link ChatDocument.external_key}. */
  external_key?: string | undefined;
  /** Any JSON object. */
  metadata?: Record<string, unknown> | undefined;
  /** See {@link ChatDocument.kept_until}. */
  kept_until?: Date | undefined;
}

/** What is different from now on; `null` removes it. */
export type ChatChange = Pick<NewChat, 'instructions' | 'model'> & { title?: string | undefined };

/** Which page of which chats. */
export interface ChatsQuery extends PageQuery {
  /** Part of the title, whatever its case, accents and normalisation form. */
  search?: string | undefined;
}

/** Conversations. Their messages belong to a module above; see {@link MessageCounter} and {@link ErasureRegistry}. */
@Injectable()
export class ChatsService {
  private readonly byId = new Coalescer((ids: readonly string[]) => this.findAll(ids));
  private readonly counts = new Coalescer((chats: readonly ChatKey[]) => this.countAll(chats));

  constructor(
    @InjectModel(CHAT) private readonly chats: Model<ChatDocument>,
    private readonly users: UsersService,
    private readonly counter: MessageCounter,
    private readonly erasure: ErasureRegistry,
    private readonly order: ChatOrder,
  ) {
    erasure.register({ user: (tenant, userId) => this.eraseOf(tenant, userId) });
  }

  /**
   * Creates a chat for a user, who is created on first use. @throws AppError 404 `user_not_found` for a user outside
   * the scope.
   */
  async create(
    scope: Scope,
    userId: string,
    { title, auto_title, external_key, metadata, kept_until, instructions, model }: NewChat,
  ): Promise<ChatDocument> {
    await this.users.getOrCreate(scope, userId);
    const now = await this.order.nextTime({ tenant_id: scope.tenant, user_id: userId });
    const chat: ChatDocument = {
      _id: randomUUID(),
      tenant_id: scope.tenant,
      user_id: userId,
      title: title ?? DEFAULT_TITLE,
      ...(external_key !== undefined && { external_key }),
      ...(metadata !== undefined && { metadata }),
      ...(typeof instructions === 'string' && { instructions }),
      ...(typeof model === 'string' && { model }),
      ...(kept_until && { kept_until }),
      ...((auto_title ?? (typeof title !== 'string' && !kept_until)) && { auto_title: true }),
      created_at: now,
      updated_at: now,
      open_runs: [],
      // How much was said in a temporary chat before its first question is for its client to say.
      ...(!kept_until && { asked: 0 }),
    };
    await this.chats.create(chat);
    return chat;
  }

  /** @throws AppError 404 `chat_not_found`. */
  async get(scope: Scope, chatId: string): Promise<ChatDocument> {
    const chat = await this.byId.call(chatId);
    if (chat?.tenant_id !== scope.tenant || !covers(scope, chat.user_id))
      throw new AppError('chat_not_found', { id: chatId });
    return chat;
  }

  /** The chat with its message count. @throws AppError 404 `chat_not_found`. */
  async getCounted(scope: Scope, chatId: string): Promise<CountedChat> {
    // Counted before it is known whether the scope may see the chat: then nobody learns the number.
    const [chat, messageCount] = await Promise.all([
      this.get(scope, chatId),
      this.counts.call({ tenant_id: scope.tenant, chat_id: chatId }),
    ]);
    return { chat, messageCount };
  }

  /**
   * One page of a user's chats, newest activity first. An unknown user has none.
   * @throws AppError 404 `user_not_found` for a user outside the scope.
   */
  async page(scope: Scope, userId: string, query: ChatsQuery): Promise<Page<CountedChat>> {
    if (!covers(scope, userId)) throw new AppError('user_not_found', { id: userId });
    const all = { tenant_id: scope.tenant, user_id: userId, ...ALIVE, kept_until: { $exists: false } };
    const where = query.search === undefined ? all : await withTitle(this.chats, all, query.search);
    const [chats, total] = await Promise.all([
      this.chats
        .find(where)
        .sort({ updated_at: -1, _id: 1 })
        .skip(pageSkip(query))
        .limit(query.page_size)
        .lean(),
      this.chats.countDocuments(where),
    ]);
    const counts = await this.counter.count(
      scope.tenant,
      chats.map((chat) => chat._id),
    );
    const items = chats.map((chat) => ({ chat, messageCount: counts.get(chat._id) ?? 0 }));
    return toPage(items, total, query);
  }

  /** @throws AppError 404 `chat_not_found`. */
  async change(scope: Scope, chatId: string, change: ChatChange): Promise<CountedChat> {
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    if (given.length === 0) return this.getCounted(scope, chatId);
    const chat = await this.get(scope, chatId);
    const removed = given.flatMap(([name, value]) => (value === null ? [[name, 1] as const] : []));
    if (change.title !== undefined) removed.push(['auto_title', 1]);
    const update = {
      $set: Object.fromEntries(given.filter(([, value]) => value !== null)),
      $unset: Object.fromEntries(removed),
      $max: { updated_at: await this.order.nextTime(chat) },
    };
    const changed = await this.chats
      .findOneAndUpdate({ _id: chatId, ...ownedBy(scope), ...ALIVE }, update, { returnDocument: 'after' })
      .lean();
    if (!changed) throw new AppError('chat_not_found', { id: chatId });
    return this.counted(changed);
  }

  /** Whether nobody, and no model, has named the chat. */
  async wantsTitle({ chat_id, tenant_id }: ChatKey): Promise<boolean> {
    return (await this.chats.exists({ _id: chat_id, tenant_id, auto_title: true, ...ALIVE })) !== null;
  }

  /** Gives a title to a chat that nobody has named meanwhile. No activity: the chat keeps its place in the list. */
  async giveTitle({ chat_id, tenant_id }: ChatKey, title: string): Promise<void> {
    const filter = { _id: chat_id, tenant_id, auto_title: true, ...ALIVE };
    await this.chats.updateOne(filter, { $set: { title }, $unset: { auto_title: 1 } });
  }

  /** For upgrading stored messages: the owners of some chats of any tenant, by chat. */
  async ownersOf(chatIds: readonly string[]): Promise<Map<string, string>> {
    const chats = await this.chats
      .find({ _id: { $in: [...chatIds] } }, { user_id: 1 })
      .lean<Pick<ChatDocument, '_id' | 'user_id'>[]>();
    return new Map(chats.map(({ _id, user_id }) => [_id, user_id]));
  }

  /**
   * Deletes a chat and everything that belongs to it. The chat goes last, so that repeating the request completes an
   * interrupted deletion.
   * @throws AppError 404 `chat_not_found`.
   */
  async erase(scope: Scope, chatId: string): Promise<void> {
    if (!(await this.chats.exists({ _id: chatId, ...ownedBy(scope) })))
      throw new AppError('chat_not_found', { id: chatId });
    await this.eraseAll(scope.tenant, [chatId]);
  }

  /**
   * Deletes temporary chats whose time is over, unless a run of theirs goes on.
   * @returns how many; 0 if none is left.
   */
  async eraseExpired(now: Date): Promise<number> {
    const over = { kept_until: { $lte: now }, 'open_runs.0': { $exists: false } };
    const chats = await this.chats
      .find(over, { tenant_id: 1 })
      .limit(ERASE_BATCH)
      .lean<Pick<ChatDocument, '_id' | 'tenant_id'>[]>();
    for (const tenant of new Set(chats.map((chat) => chat.tenant_id)))
      await this.eraseAll(
        tenant as TenantId,
        chats.filter((chat) => chat.tenant_id === tenant).map((chat) => chat._id),
      );
    return chats.length;
  }

  private async eraseOf(tenant: TenantId, userId: string): Promise<void> {
    for (;;) {
      const chats = await this.chats
        .find({ tenant_id: tenant, user_id: userId }, { _id: 1 })
        .limit(ERASE_BATCH)
        .lean<{ _id: string }[]>();
      if (chats.length === 0) return;
      await this.eraseAll(
        tenant,
        chats.map((chat) => chat._id),
      );
    }
  }

  private async eraseAll(tenant: TenantId, chatIds: string[]): Promise<void> {
    const chats = { _id: { $in: chatIds }, tenant_id: tenant };
    await this.chats.updateMany(chats, { $set: { deleting: true } });
    await this.erasure.eraseChats(tenant, chatIds);
    await this.chats.deleteMany(chats);
  }

  private async counted(chat: ChatDocument): Promise<CountedChat> {
    return {
      chat,
      messageCount: await this.counts.call({ tenant_id: chat.tenant_id, chat_id: chat._id }),
    };
  }

  private async findAll(ids: readonly string[]): Promise<(ChatDocument | undefined)[]> {
    const chats = await this.chats.find({ _id: { $in: [...new Set(ids)] }, ...ALIVE }).lean<ChatDocument[]>();
    const byId = new Map(chats.map((chat) => [chat._id, chat]));
    return ids.map((id) => byId.get(id));
  }

  private async countAll(chats: readonly ChatKey[]): Promise<number[]> {
    const counts = new Map<string, Map<string, number>>();
    for (const { tenant_id } of chats) {
      if (counts.has(tenant_id)) continue;
      const ids = chats.filter((chat) => chat.tenant_id === tenant_id).map(({ chat_id }) => chat_id);
      counts.set(tenant_id, await this.counter.count(tenant_id as TenantId, [...new Set(ids)]));
    }
    return chats.map(({ tenant_id, chat_id }) => counts.get(tenant_id)?.get(chat_id) ?? 0);
  }
}
