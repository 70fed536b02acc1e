import { Injectable } from '@nestjs/common';
import {
  ChatsService,
  ExternalChats,
  isExternalKey,
  TemporaryChats,
  type ChatDocument,
} from '../../chats/index.js';
import { AppError, type Scope } from '../../common/index.js';
import { EarlierMessages } from '../../messages/index.js';
import { Settings } from '../../platform/config/index.js';
import type { Asker, NewQuestion } from './new-question.js';
import { conversationId } from './dialect/response-object.js';
import { invalid } from './request/parse.js';

/** The chats that requests mean. */
@Injectable()
export class OpenAiChats {
  constructor(
    private readonly chats: ChatsService,
    private readonly external: ExternalChats,
    private readonly temporary: TemporaryChats,
    private readonly earlier: EarlierMessages,
    private readonly settings: Settings,
  ) {}

  /**
   * Does something in the chat of a question: the conversation that it names, or a new one. A client that sends what was
   * said before keeps its conversation itself: its chat is a temporary one, which begins with that. A new chat is deleted
   * again if that fails.
   * @throws AppError `conversation_not_found`, `validation_failed`; what `work` throws.
   */
  async with<T>(asker: Asker, question: NewQuestion, work: (chatId: string) => Promise<T>): Promise<T> {
    const { conversation, mark } = question;
    if (conversation) return work(await this.named(asker, conversation));
    const { _id } = await this.begun(asker, question);
    try {
      return await work(_id);
    } catch (error) {
      // One that a key names may have been there; the next attempt of the request finds it.
      if (mark.chatKey === undefined) await this.chats.erase(asker.scope, _id).catch(() => undefined);
      throw error;
    }
  }

  private async begun({ scope, person }: Asker, { told, isKept, mark }: NewQuestion): Promise<ChatDocument> {
    if (isKept && told.earlier.length === 0) return this.kept({ scope, person }, mark.chatKey);
    const chat = await this.temporary.create(scope, person, mark.chatKey);
    // What is older never reaches a model.
    await this.earlier.store(chat, told.earlier.slice(-this.settings.HISTORY_MAX_MESSAGES));
    return chat;
  }

  /** @throws AppError 404 `conversation_not_found`. */
  async get(scope: Scope, chatId: string): Promise<ChatDocument> {
    try {
      return await this.chats.get(scope, chatId);
    } catch (error) {
      if (error instanceof AppError && error.code === 'chat_not_found')
        throw new AppError('conversation_not_found', { id: conversationId(chatId) });
      throw error;
    }
  }

  private async named(
    { scope, person }: Asker,
    conversation: { chatId: string } | { key: string },
  ): Promise<string> {
    if ('chatId' in conversation) return (await this.get(scope, conversation.chatId))._id;
    if (!isExternalKey(conversation.key))
      throw invalid('conversation', 'must be 1 to 200 characters without NUL characters');
    return (await this.external.open(scope, person, conversation.key))._id;
  }

  private kept({ scope, person }: Asker, key: string | undefined): Promise<ChatDocument> {
    return key === undefined
      ? this.chats.create(scope, person, {})
      : this.external.open(scope, person, key, {});
  }
}
