import { Injectable } from '@nestjs/common';
import { ChatSearch, ChatsService, ExternalChats, type ChatDocument } from '../../../chats/index.js';
import { AppError, clip, type Scope } from '../../../common/index.js';

/** Who asks, and for whom. */
export interface Person {
  readonly scope: Scope;
  readonly userId: string;
}

/** What a new thread is. */
export interface NewThread {
  thread_id?: string | null | undefined;
  metadata?: Record<string, unknown> | null | undefined;
  if_exists?: 'raise' | 'do_nothing' | null | undefined;
}

/** Threads are chats. */
@Injectable()
export class Threads {
  constructor(
    private readonly keyed: ExternalChats,
    private readonly chats: ChatsService,
    private readonly search: ChatSearch,
  ) {}

  /** @throws AppError 404 `chat_not_found`, `user_not_found`. */
  async get({ scope, userId }: Person, threadId: string): Promise<ChatDocument> {
    const chat = await this.keyed.find(scope, userId, threadId);
    if (!chat) throw new AppError('chat_not_found', { id: clip(threadId, 100) });
    return chat;
  }

  /** @throws AppError 409 `thread_exists`, 404 `user_not_found`. */
  async create(person: Person, { thread_id, metadata, if_exists }: NewThread): Promise<ChatDocument> {
    const { scope, userId } = person;
    const chat = { metadata: metadata ?? {} };
    if (typeof thread_id !== 'string') return this.chats.create(scope, userId, chat);
    const known = await this.keyed.find(scope, userId, thread_id);
    if (known && if_exists !== 'do_nothing')
      throw new AppError('thread_exists', { id: clip(thread_id, 100) });
    return known ?? this.keyed.open(scope, userId, thread_id, chat);
  }

  /** The thread of a run. @param create it if there is none */
  async forRun(person: Person, threadId: string, create: boolean): Promise<ChatDocument> {
    return create
      ? this.keyed.open(person.scope, person.userId, threadId, { metadata: {} })
      : this.get(person, threadId);
  }

  /** Changes its metadata: keys that are not named stay. */
  describe(
    { scope }: Person,
    chat: ChatDocument,
    metadata: Readonly<Record<string, unknown>>,
  ): Promise<ChatDocument> {
    return this.search.describe(scope, chat, metadata);
  }

  /** Notes who answers in a thread, which is how clients find their threads. */
  async noteAgent(person: Person, chat: ChatDocument, agent: string): Promise<void> {
    const { graph_id, assistant_id } = chat.metadata ?? {};
    if (graph_id === agent && assistant_id === agent) return;
    await this.search.describe(person.scope, chat, { graph_id: agent, assistant_id: agent });
  }

  /** @throws AppError 404 `chat_not_found`. */
  async delete({ scope, userId }: Person, threadId: string): Promise<void> {
    if (!(await this.keyed.erase(scope, userId, threadId)))
      throw new AppError('chat_not_found', { id: clip(threadId, 100) });
  }
}
