import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Types } from 'mongoose';
import { ChatsService, type ChatDocument } from '../chats/index.js';
import { AppError, toPage, type Page, type PageQuery, type Scope } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { isDuplicateKeyError } from '../platform/mongo/index.js';
import { MessageTimes } from './message-times.js';
import type { MessageDocument, RunFacet } from '../run-record/index.js';
import { MessagesRepository } from './messages.repository.js';
import { RunQueue } from './run-queue.js';

/** What happens if the chat already has a run: wait, cancel it, or reject the message. */
export const ON_BUSY = ['queue', 'interrupt', 'reject'] as const;

/** One of {@link ON_BUSY}. */
export type OnBusy = (typeof ON_BUSY)[number];

/** A message to be created. */
export interface NewMessage {
  content: string;
  metadata?: Record<string, unknown> | undefined;
  /** Name of an agent; default: the deployment's. */
  agent?: string | undefined;
  /** Default: `queue`. */
  on_busy?: OnBusy | undefined;
  /** The client's `Idempotency-Key`. */
  idempotencyKey?: string | undefined;
}

/** A message without a time yet. */
type Draft = Omit<MessageDocument, 'created_at' | 'run'> & { run: Omit<RunFacet, 'queued_at'> };

/** The write side: stores a message together with its pending run, then notifies the queue. */
@Injectable()
export class MessagesService {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly chats: ChatsService,
    private readonly queue: RunQueue,
    private readonly times: MessageTimes,
    private readonly settings: Settings,
  ) {}

  /**
   * Stores a message and starts its run. The same idempotency key and body return the same message again.
   * @throws AppError `chat_not_found`, `unknown_agent`, `chat_busy`, `idempotency_key_reused`, `chat_queue_full`,
   * `queue_full`.
   */
  async create(scope: Scope, chatId: string, input: NewMessage): Promise<MessageDocument> {
    const chat = await this.chats.get(scope, chatId);
    const draft = this.draft(chat, input);
    const earlier = await this.findEarlier(scope, draft);
    if (earlier) return this.again(earlier);
    const [activity] = await Promise.all([
      this.chats.activityTime(scope, chat.user_id),
      this.admit(scope, chatId, draft.run),
    ]);
    // The time is assigned last: a rejected message leaves no trace in the chat.
    const now = await this.times.ofQuestion(scope, chat);
    const message = dated(draft, now, input);
    const faster = await this.insert(scope, message);
    if (faster) return this.again(faster);
    if (!(await this.chats.touch(scope, chatId, activity))) {
      await this.messages.withdraw(scope, message._id);
      throw new AppError('chat_not_found', { id: chatId });
    }
    await this.begin(message);
    return message;
  }

  /** @throws AppError 404 `message_not_found`. */
  async get(scope: Scope, messageId: string): Promise<MessageDocument> {
    const message = await this.messages.find(scope, messageId);
    if (!message) throw new AppError('message_not_found', { id: messageId });
    return message;
  }

  /** A message with a run: a question, not an answer. @throws AppError 404 `message_not_found`. */
  async getQuestion(scope: Scope, messageId: string): Promise<MessageDocument> {
    const message = await this.get(scope, messageId);
    if (message.role !== 'user') throw new AppError('message_not_found', { id: messageId });
    return message;
  }

  /** One page of a chat's history, oldest first. */
  async page(scope: Scope, chatId: string, query: PageQuery): Promise<Page<MessageDocument>> {
    await this.chats.get(scope, chatId);
    const [items, total] = await this.messages.page(scope, chatId, query);
    return toPage(items, total, query);
  }

  private async admit(scope: Scope, chatId: string, run: Draft['run']): Promise<void> {
    const { QUEUE_MAX, QUEUE_MAX_PER_CHAT } = this.settings;
    const [open, all] = await Promise.all([
      this.messages.countOpenInChat(scope, chatId, QUEUE_MAX_PER_CHAT),
      this.messages.countOpen(QUEUE_MAX),
    ]);
    if (run.exclusive && open > 0) throw new AppError('chat_busy');
    if (open >= QUEUE_MAX_PER_CHAT) throw new AppError('chat_queue_full', { runs: QUEUE_MAX_PER_CHAT });
    if (all < QUEUE_MAX) return;
    throw new AppError('queue_full');
  }

  /** A repeated request: its first attempt may have died before it notified the queue. */
  private async again(message: MessageDocument): Promise<MessageDocument> {
    if (message.status === 'pending') await this.begin(message);
    return message;
  }

  private async begin({ _id, chat_id, run }: MessageDocument): Promise<void> {
    if (run?.interrupts_at) await this.queue.interrupt(chat_id, _id.toHexString());
    await this.queue.enqueue(chat_id);
  }

  private draft({ _id: chat_id, tenant_id, user_id }: ChatDocument, input: NewMessage): Draft {
    const agent = input.agent ?? this.queue.defaultAgent;
    if (!this.queue.hasAgent(agent)) throw new AppError('unknown_agent', { agent });
    return {
      _id: new Types.ObjectId(),
      tenant_id,
      chat_id,
      user_id,
      role: 'user',
      content: input.content,
      status: 'pending',
      metadata: input.metadata ?? {},
      agent,
      run: {
        open: true,
        attempt: 0,
        handovers: 0,
        cancel_requested: false,
        ...(input.on_busy === 'reject' && { exclusive: true }),
      },
      ...(input.idempotencyKey !== undefined && {
        idempotency: { key: input.idempotencyKey, fingerprint: fingerprint(input) },
      }),
    };
  }

  /** Stores the message. @returns the message of an identical request that was faster, if there was one. */
  private async insert(scope: Scope, message: MessageDocument): Promise<MessageDocument | undefined> {
    try {
      await this.messages.insert(message);
      return undefined;
    } catch (error) {
      if (!isDuplicateKeyError(error)) throw error;
      const earlier = await this.findEarlier(scope, message);
      if (earlier) return earlier;
      throw message.run?.exclusive ? new AppError('chat_busy') : error;
    }
  }

  /** The message created earlier with the same key. @throws AppError 422 if it had a different body. */
  private async findEarlier(
    scope: Scope,
    { chat_id, idempotency }: Draft | MessageDocument,
  ): Promise<MessageDocument | undefined> {
    if (!idempotency) return undefined;
    const earlier = await this.messages.findByKey(scope, chat_id, idempotency.key);
    if (earlier && earlier.idempotency?.fingerprint !== idempotency.fingerprint)
      throw new AppError('idempotency_key_reused');
    return earlier ?? undefined;
  }
}

function dated(draft: Draft, now: Date, { on_busy }: NewMessage): MessageDocument {
  const run = { ...draft.run, queued_at: now, ...(on_busy === 'interrupt' && { interrupts_at: now }) };
  return { ...draft, created_at: now, run };
}

function fingerprint({ content, metadata, agent, on_busy }: NewMessage): string {
  return createHash('sha256')
    .update(JSON.stringify([content, metadata, agent, on_busy]))
    .digest('hex');
}
