import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Types } from 'mongoose';
import { ChatsService } from '../chats/index.js';
import {
  AppError,
  Clock,
  notFound,
  toPage,
  type Page,
  type PageQuery,
  type TenantId,
} from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { isDuplicateKeyError } from '../platform/mongo/index.js';
import type { CreateMessageDto } from './dto/create-message.dto.js';
import type { MessageDocument } from './message.schema.js';
import { MessagesRepository } from './messages.repository.js';
import { RunQueue } from './run-queue.js';

/** A message to be created. */
export interface NewMessage extends CreateMessageDto {
  /** The client's `Idempotency-Key`. */
  idempotencyKey?: string | undefined;
}

/** The write side: a message is stored together with its pending run, then the queue is told. */
@Injectable()
export class MessagesService {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly chats: ChatsService,
    private readonly queue: RunQueue,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /**
   * Stores a message and starts its run. The same idempotency key and body give the same message again.
   * @throws AppError `chat_not_found`, `unknown_agent`, `chat_busy`, `idempotency_key_reused`, `chat_queue_full`,
   * `queue_full`.
   */
  async create(tenant: TenantId, chatId: string, input: NewMessage): Promise<MessageDocument> {
    await this.chats.get(tenant, chatId);
    const message = this.draft(tenant, chatId, input);
    const earlier = (await this.findEarlier(message)) ?? (await this.insert(message));
    if (earlier) return this.again(earlier);
    if (input.on_busy === 'interrupt') await this.queue.interrupt(chatId, message._id.toHexString());
    if (!(await this.chats.touch(tenant, chatId, message.created_at))) {
      await this.messages.withdraw(tenant, message._id);
      throw notFound('chat', chatId);
    }
    await this.queue.enqueue(chatId);
    return message;
  }

  /** @throws AppError 404 `message_not_found`. */
  async get(tenant: TenantId, messageId: string): Promise<MessageDocument> {
    const message = await this.messages.find(tenant, messageId);
    if (!message) throw notFound('message', messageId);
    return message;
  }

  /** A message that has a run of its own: a question, not an answer. @throws AppError 404 `message_not_found`. */
  async getQuestion(tenant: TenantId, messageId: string): Promise<MessageDocument> {
    const message = await this.get(tenant, messageId);
    if (message.role !== 'user') throw notFound('message', messageId);
    return message;
  }

  /** One page of a chat's history, oldest first. */
  async page(tenant: TenantId, chatId: string, query: PageQuery): Promise<Page<MessageDocument>> {
    await this.chats.get(tenant, chatId);
    const [items, total] = await this.messages.page(tenant, chatId, query);
    return toPage(items, total, query);
  }

  private async admit({ tenant_id, chat_id, run }: MessageDocument): Promise<void> {
    const { QUEUE_MAX, QUEUE_MAX_PER_CHAT } = this.settings;
    const open = await this.messages.countOpenInChat(tenant_id as TenantId, chat_id, QUEUE_MAX_PER_CHAT);
    if (run?.exclusive && open > 0) throw chatBusy();
    if (open >= QUEUE_MAX_PER_CHAT) {
      const detail = `The chat has ${QUEUE_MAX_PER_CHAT} runs that have not ended.`;
      throw new AppError({ status: 429, code: 'chat_queue_full', detail, retryable: true, retryAfter: 5 });
    }
    if ((await this.messages.countOpen(QUEUE_MAX)) < QUEUE_MAX) return;
    const detail = 'Too many runs wait for a worker.';
    throw new AppError({ status: 503, code: 'queue_full', detail, retryAfter: 10 });
  }

  /** A repeated request: its first try may have died before it told the queue. */
  private async again(message: MessageDocument): Promise<MessageDocument> {
    if (message.status === 'pending') await this.queue.enqueue(message.chat_id);
    return message;
  }

  private draft(tenant: TenantId, chatId: string, input: NewMessage): MessageDocument {
    const agent = input.agent ?? this.queue.defaultAgent;
    if (!this.queue.hasAgent(agent)) {
      throw new AppError({
        status: 400,
        code: 'unknown_agent',
        detail: `There is no agent "${agent}". See GET /api/agents.`,
      });
    }
    const now = new Date(this.clock.now());
    return {
      _id: new Types.ObjectId(),
      tenant_id: tenant,
      chat_id: chatId,
      role: 'user',
      content: input.content,
      status: 'pending',
      metadata: input.metadata ?? {},
      created_at: now,
      agent,
      run: {
        open: true,
        attempt: 0,
        handovers: 0,
        cancel_requested: false,
        queued_at: now,
        ...(input.on_busy === 'reject' && { exclusive: true }),
      },
      ...(input.idempotencyKey !== undefined && {
        idempotency: { key: input.idempotencyKey, fingerprint: fingerprint(input) },
      }),
    };
  }

  /** Stores the message. @returns the message of an equal request that was faster, if there was one. */
  private async insert(message: MessageDocument): Promise<MessageDocument | undefined> {
    await this.admit(message);
    try {
      await this.messages.insert(message);
      return undefined;
    } catch (error) {
      if (!isDuplicateKeyError(error)) throw error;
      const earlier = await this.findEarlier(message);
      if (earlier) return earlier;
      throw message.run?.exclusive ? chatBusy() : error;
    }
  }

  /** The message that was created with the same key before. @throws AppError 422 when it came with another body. */
  private async findEarlier({
    tenant_id,
    chat_id,
    idempotency,
  }: MessageDocument): Promise<MessageDocument | undefined> {
    if (!idempotency) return undefined;
    const earlier = await this.messages.findByKey(tenant_id as TenantId, chat_id, idempotency.key);
    if (earlier && earlier.idempotency?.fingerprint !== idempotency.fingerprint) throw keyReused();
    return earlier ?? undefined;
  }
}

function chatBusy(): AppError {
  const detail = 'The chat has a run that has not ended.';
  return new AppError({ status: 409, code: 'chat_busy', detail, retryable: true });
}

function fingerprint({ content, metadata, agent, on_busy }: NewMessage): string {
  return createHash('sha256')
    .update(JSON.stringify([content, metadata, agent, on_busy]))
    .digest('hex');
}

function keyReused(): AppError {
  const detail = 'This Idempotency-Key was used with another body.';
  return new AppError({ status: 422, code: 'idempotency_key_reused', detail });
}
