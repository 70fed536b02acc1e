import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter } from 'mongoose';
import { AppError, covers, isCleanText, ownedBy, type Scope } from '../common/index.js';
import { isDuplicateKeyError } from '../platform/mongo/index.js';
import { CHAT, type ChatDocument } from './chat.schema.js';
import { ChatsService, type NewChat } from './chats.service.js';

const KEY_MAX_CHARS = 200;

/** Whether a value can be what a client of another system calls a chat. */
export function isExternalKey(key: unknown): key is string {
  return typeof key === 'string' && key !== '' && key.length <= KEY_MAX_CHARS && isCleanText(key);
}

/**
 * Chats by what clients of other systems call them: a thread, a context, a conversation, a session. The key belongs to
 * one user; a chat's own id names it as well.
 */
@Injectable()
export class ExternalChats {
  constructor(
    @InjectModel(CHAT) private readonly chats: Model<ChatDocument>,
    private readonly service: ChatsService,
  ) {}

  /** The chat, if there is one. @throws AppError 404 `user_not_found` for a user outside the scope. */
  async find(scope: Scope, userId: string, key: string): Promise<ChatDocument | undefined> {
    const chat = await this.named(scope, userId, key);
    return chat?.deleting === true ? undefined : chat;
  }

  /**
   * The chat, created on first use. Two first requests at once get the same one.
   * @throws AppError 404 `user_not_found` for a user outside the scope.
   */
  async open(
    scope: Scope,
    userId: string,
    key: string,
    chat: Omit<NewChat, 'external_key'> = {},
  ): Promise<ChatDocument> {
    const named = await this.named(scope, userId, key);
    if (named && named.deleting !== true) return named;
    // A deletion that was interrupted: its key becomes free when it is complete.
    if (named) await this.service.erase(scope, named._id);
    try {
      return await this.service.create(scope, userId, { ...chat, external_key: key });
    } catch (error) {
      const first = isDuplicateKeyError(error) ? await this.find(scope, userId, key) : undefined;
      if (first) return first;
      throw error;
    }
  }

  /**
   * Deletes the chat and everything that belongs to it; also completes an interrupted deletion.
   * @returns whether there was one. @throws AppError 404 `user_not_found` for a user outside the scope.
   */
  async erase(scope: Scope, userId: string, key: string): Promise<boolean> {
    const chat = await this.named(scope, userId, key);
    if (chat) await this.service.erase(scope, chat._id);
    return chat !== undefined;
  }

  private async named(scope: Scope, userId: string, key: string): Promise<ChatDocument | undefined> {
    if (!covers(scope, userId)) throw new AppError('user_not_found', { id: userId });
    const byKey = { tenant_id: scope.tenant, user_id: userId, external_key: key };
    const either: QueryFilter<ChatDocument> = { $or: [byKey, { _id: key.toLowerCase(), ...ownedBy(scope) }] };
    // A key that looks like another chat's id is the key: only its user can have chosen it.
    const found = await this.chats.find(either).limit(2).lean<ChatDocument[]>();
    return found.find(({ external_key }) => external_key === key) ?? found[0];
  }
}
