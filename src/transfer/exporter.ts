import { Injectable } from '@nestjs/common';
import type { ChatDocument } from '../chats/index.js';
import { AppError, Clock, type TenantId } from '../common/index.js';
import { FileArchive } from '../files/index.js';
import type { MessageDocument, Question } from '../run-record/index.js';
import { isOrphaned } from '../runs/index.js';
import { seqOf, StreamsService } from '../streams/index.js';
import { TransferError } from './errors.js';
import {
  toChatRecord,
  toFileRecord,
  toMessageRecord,
  toToolCallRecord,
  toUploadRecord,
  toWholeChatRecord,
  toWholeMessageRecord,
} from './mapping.js';
import { HEADER, type TransferRecord } from './records.js';
import { TransferStore } from './transfer-store.js';

/** What to export: a chat with its files, or one question with its answer. */
export type ExportScope = { chat: string } | { message: string };

/** Called with what an export does not contain. */
export type Remark = (text: string) => void;

type Records = AsyncGenerator<TransferRecord, void, undefined>;

/**
 * Writes chats as JSON Lines, record by record as they are read: neither a chat nor a log is ever held in memory
 * whole.
 */
@Injectable()
export class Exporter {
  constructor(
    private readonly store: TransferStore,
    private readonly streams: StreamsService,
    private readonly files: FileArchive,
    private readonly clock: Clock,
  ) {}

  /**
   * The lines of a file.
   * @param remark is called with what the file does not contain.
   * @throws AppError 404; TransferError if the run of a single message has not ended, or a log is deleted meanwhile.
   */
  async *lines(
    tenant: TenantId,
    scope: ExportScope,
    remark: Remark,
  ): AsyncGenerator<string, void, undefined> {
    const content =
      'chat' in scope ? this.chat(tenant, scope.chat, remark) : this.one(tenant, scope.message, remark);
    yield* toLines(HEADER, content, new Date(this.clock.now()));
  }

  /**
   * A chat with everything that belongs to it, including runs that have not ended, unless a server is working on them.
   */
  async *whole(chat: ChatDocument, remark: Remark): Records {
    const tenant = chat.tenant_id as TenantId;
    yield { kind: 'chat', chat: toWholeChatRecord(chat) };
    for (const id of await this.store.questionIds(tenant, chat._id)) {
      const question = await this.store.message(tenant, id);
      if (!question?.run) continue; // deleted meanwhile
      if (isQuestion(question) && !this.isBusy(question))
        yield* this.exchange(question, remark, toWholeMessageRecord);
      else
        remark(
          `Left out: message ${id}, because a server is working on it. Export again when its run has ended.`,
        );
    }
    for await (const file of this.store.files(tenant, chat._id))
      yield { kind: 'workspace_file', file: toFileRecord(file) };
    yield* this.uploads(tenant, chat._id);
  }

  private isBusy({ run: { open, lease } }: Question): boolean {
    return open && lease !== undefined && !isOrphaned(lease, this.clock.now());
  }

  private async *chat(tenant: TenantId, chatId: string, remark: Remark): Records {
    yield chatRecord(await this.requireChat(tenant, chatId));
    for (const id of await this.store.questionIds(tenant, chatId)) {
      const question = await this.store.message(tenant, id);
      if (!question) continue; // deleted meanwhile
      if (hasEnded(question)) yield* this.exchange(question, remark, toMessageRecord);
      else remark(`Left out: message ${id}, whose run has not ended.`);
    }
    for await (const file of this.store.files(tenant, chatId))
      yield { kind: 'workspace_file', file: toFileRecord(file) };
    yield* this.uploads(tenant, chatId);
  }

  /** Files that no message has stay behind: they would be deleted anyway. */
  private async *uploads(tenant: TenantId, chatId: string): Records {
    for (const id of await this.files.idsOf(tenant, chatId)) {
      const file = await this.files.find(id);
      if (file) yield { kind: 'file', file: toUploadRecord(file) };
    }
  }

  /** @throws AppError 404 `chat_not_found`. */
  private async requireChat(tenant: TenantId, id: string): Promise<ChatDocument> {
    const chat = await this.store.chat(id);
    if (!chat || chat.tenant_id !== tenant || chat.deleting) throw new AppError('chat_not_found', { id });
    return chat;
  }

  private async *one(tenant: TenantId, messageId: string, remark: Remark): Records {
    const question = await this.store.message(tenant, messageId);
    if (!question) throw new AppError('message_not_found', { id: messageId });
    if (question.role !== 'user')
      throw new TransferError(
        `Message ${messageId} is an answer. Export its question, ${String(question.reply_to)}.`,
      );
    if (!hasEnded(question))
      throw new TransferError(
        `The run of message ${messageId} has not ended. Wait until it ends, or cancel it.`,
      );
    yield chatRecord(await this.requireChat(tenant, question.chat_id));
    yield* this.exchange(question, remark, toMessageRecord);
  }

  private async *exchange(question: Question, remark: Remark, toRecord: typeof toMessageRecord): Records {
    const tenant = question.tenant_id as TenantId;
    const id = question._id.toHexString();
    yield { kind: 'message', message: toRecord(question) };
    const answer = await this.store.answer(tenant, question._id);
    if (answer) yield { kind: 'message', message: toRecord(answer) };
    if (question.run.events_expired !== undefined) {
      remark(`Message ${id} is exported without its events, which have expired.`);
      return;
    }
    yield* this.log(question);
    for await (const call of this.store.toolCalls(tenant, question._id))
      yield { kind: 'tool_call', tool_call: toToolCallRecord(call) };
    // Logs are deleted before tool calls: a message that is marked by now may have lost some of either.
    if ((await this.store.message(tenant, id))?.run?.events_expired !== undefined) throw vanished(id);
  }

  private async *log({ _id, tenant_id, run }: Question): Records {
    const message_id = _id.toHexString();
    let next = 0;
    let ended = false;
    for await (const event of this.streams.read({ tenant: tenant_id as TenantId, message_id }, 0)) {
      if (seqOf(event) !== next++) throw vanished(message_id);
      ended = event.type === 'end';
      yield { kind: 'event', event };
    }
    if (!ended && !run.open) throw vanished(message_id);
  }
}

/** Records as the lines of a file: a header with the time, and an end with the count. */
export async function* toLines(
  header: object,
  records: AsyncIterable<TransferRecord>,
  at: Date,
): AsyncGenerator<string, void, undefined> {
  let count = 0;
  for await (const record of records) {
    if (count === 0) yield `${JSON.stringify({ ...header, exported_at: at.toISOString() })}\n`;
    count++;
    yield `${JSON.stringify(record)}\n`;
  }
  if (count === 0) yield `${JSON.stringify({ ...header, exported_at: at.toISOString() })}\n`;
  yield `${JSON.stringify({ kind: 'end', records: count })}\n`;
}

const chatRecord = (chat: ChatDocument): TransferRecord => ({ kind: 'chat', chat: toChatRecord(chat) });

function isQuestion(message: MessageDocument): message is Question {
  return message.run?.open === true || hasEnded(message);
}

function hasEnded(message: MessageDocument): message is Question {
  return message.run?.open === false && message.run.ended_at instanceof Date;
}

function vanished(messageId: string): TransferError {
  return new TransferError(
    `The log of message ${messageId} is incomplete: it expired or was deleted in the meantime.`,
  );
}
