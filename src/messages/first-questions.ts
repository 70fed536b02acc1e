import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { ChatsService, ExternalChats, type ChatDocument } from '../chats/index.js';
import type { Scope } from '../common/index.js';
import type { MessageDocument } from '../run-record/index.js';
import { MessagesRepository } from './messages.repository.js';
import { MessagesService, type NewMessage } from './messages.service.js';

/** Whose question it is, and through which door it came. */
export interface Asker {
  userId: string;
  /** Idempotency keys of one door mean nothing to another one. */
  door: string;
}

/**
 * Questions that begin a chat, for doors whose clients have none. The chat belongs to the idempotency key: a repeated
 * request finds the chat that the first one began, even if that is all it did.
 */
@Injectable()
export class FirstQuestions {
  constructor(
    private readonly messages: MessagesService,
    private readonly repository: MessagesRepository,
    private readonly chats: ChatsService,
    private readonly keyed: ExternalChats,
  ) {}

  /**
   * Stores the question in a chat of its own.
   * @throws AppError 404 `user_not_found`; what `MessagesService.create` throws, and then leaves no new chat behind that
   * nobody could find.
   */
  async create(scope: Scope, { userId, door }: Asker, input: NewMessage): Promise<MessageDocument> {
    const { idempotencyKey: key } = input;
    if (key !== undefined) {
      const chat = await this.keyed.open(scope, userId, chatKey(door, key));
      return this.messages.create(scope, chat._id, input);
    }
    const chat = await this.chats.create(scope, userId, {});
    try {
      return await this.messages.create(scope, chat._id, input);
    } catch (error) {
      await this.chats.erase(scope, chat._id).catch(() => undefined);
      throw error;
    }
  }

  /** The chat that a question with this key has begun. @throws AppError 404 `user_not_found`. */
  async chatOf(scope: Scope, { userId, door }: Asker, key: string): Promise<ChatDocument | undefined> {
    return this.keyed.find(scope, userId, chatKey(door, key));
  }

  /** The question that was sent with this key. @throws AppError 404 `user_not_found`. */
  async find(scope: Scope, asker: Asker, key: string): Promise<MessageDocument | undefined> {
    const chat = await this.chatOf(scope, asker, key);
    return chat && ((await this.repository.findByKey(scope, chat._id, key)) ?? undefined);
  }
}

/** Longer than a chat's key may be: its hash. */
function chatKey(door: string, key: string): string {
  return `${door}:${createHash('sha256').update(key).digest('hex')}`;
}
