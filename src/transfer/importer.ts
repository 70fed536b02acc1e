import { Injectable } from '@nestjs/common';
import { Types } from 'mongoose';
import { isDeepStrictEqual } from 'node:util';
import type { StreamEvent } from '@reprise/protocol';
import { ToolCallDocument } from '../agent/index.js';
import { MESSAGE } from '../messages/index.js';
import { seqOf, StreamsService, type LogKey } from '../streams/index.js';
import { WorkspaceFile } from '../tools/index.js';
import { TransferError } from './errors.js';
import {
  fromFileRecord,
  fromMessageRecord,
  fromToolCallRecord,
  toFileRecord,
  toMessageRecord,
  toToolCallRecord,
  type Owner,
} from './mapping.js';
import { ChatPlace } from './chat-place.js';
import type { ImportTarget } from './import-target.js';
import { readExport } from './read-export.js';
import type { AnswerRecord, QuestionRecord, TransferRecord } from './records.js';
import { Tally } from './tally.js';
import { TransferStore, type Placement } from './transfer-store.js';

/** What an import did. */
export interface ImportResult {
  tally: Tally;
  /** When the first of its runs ended, epoch milliseconds; Infinity without any. */
  oldestEnd: number;
}

/** One way through the file: the first only looks, the second writes. */
interface Pass {
  target: ImportTarget;
  writes: boolean;
  tally: Tally;
  owner: Owner;
  /** When the first run ended, epoch milliseconds. */
  oldestEnd: number;
  /** Events that wait to be compared, or written, together. */
  events: StreamEvent[];
  /** The messages of the log that is being read: they become visible when all that hangs on them is there. */
  messages: (QuestionRecord | AnswerRecord)[];
}

const EVENTS_TOGETHER = 500;

/** Puts an export into this database. What is there already is kept as it is; what contradicts it is refused. */
@Injectable()
export class Importer {
  constructor(
    private readonly store: TransferStore,
    private readonly chats: ChatPlace,
    private readonly streams: StreamsService,
  ) {}

  /**
   * Reads the file twice: nothing is written before all of it was found good. Repeating an import that was cut off
   * finishes it.
   * @throws TransferError with the line, or what is in the way.
   */
  async import(file: string, target: ImportTarget): Promise<ImportResult> {
    await this.pass(file, target, false);
    return this.pass(file, target, true);
  }

  private async pass(file: string, target: ImportTarget, writes: boolean): Promise<ImportResult> {
    const owner = { tenant_id: target.tenant, chat_id: '' };
    const pass: Pass = {
      target,
      writes,
      tally: new Tally(),
      owner,
      oldestEnd: Infinity,
      events: [],
      messages: [],
    };
    for await (const { record } of readExport(file)) await this.take(pass, record);
    return { tally: pass.tally, oldestEnd: pass.oldestEnd };
  }

  private async take(pass: Pass, record: TransferRecord): Promise<void> {
    if (record.kind === 'event') {
      pass.events.push(record.event);
      if (pass.events.length >= EVENTS_TOGETHER || record.event.type === 'end') await this.flush(pass);
    } else if (record.kind === 'tool_call') {
      await this.place(pass, 'tool call', toolCallPlacement(record.tool_call, pass.owner));
    } else if (record.kind === 'message' && record.message.role === 'assistant') {
      pass.messages.push(record.message);
    } else {
      await this.leaveLog(pass);
      if (record.kind === 'chat') await this.beginChat(pass, record);
      if (record.kind === 'message') await this.beginLog(pass, record.message);
      if (record.kind === 'workspace_file')
        await this.place(pass, 'workspace file', filePlacement(record.file, pass.owner));
    }
  }

  private async beginChat(pass: Pass, { chat }: Extract<TransferRecord, { kind: 'chat' }>): Promise<void> {
    pass.owner.chat_id = chat.chat_id;
    const added = await this.chats.take(chat, pass.target, pass.writes);
    pass.tally.count('chat', added);
  }

  private async beginLog(pass: Pass, message: QuestionRecord | AnswerRecord): Promise<void> {
    pass.messages = [message];
    if (message.role === 'user') pass.oldestEnd = Math.min(pass.oldestEnd, Date.parse(message.run.ended_at));
    const here = await this.store.message(pass.target.tenant, message.message_id);
    const lost = here?.run?.events_expired !== undefined;
    if (lost && message.role === 'user' && !message.run.events_expired) {
      const { message_id } = message;
      throw new TransferError(
        `Message ${message_id} is here, and its events have expired: they are not brought back.`,
      );
    }
  }

  /** Answer first: with its question a message is there. */
  private async leaveLog(pass: Pass): Promise<void> {
    for (const message of pass.messages.reverse())
      await this.place(pass, 'message', messagePlacement(message, pass.owner));
    pass.messages = [];
  }

  private async place(pass: Pass, what: string, placement: Placement): Promise<void> {
    const state = pass.writes ? await this.store.put(placement) : await this.store.look(placement);
    if (state === 'other') throw conflict(what, placement);
    pass.tally.count(what, state === 'free');
  }

  private async flush(pass: Pass): Promise<void> {
    const events = pass.events;
    const [first] = events;
    pass.events = [];
    if (!first) return;
    const key: LogKey = { tenant: pass.target.tenant, message_id: first.message_id };
    const stored = await this.stored(key, events);
    const missing = events.filter((event) => !stored.has(seqOf(event)));
    if (pass.writes && missing.length > 0 && !(await this.streams.restore(key, missing)))
      throw otherEvent(key.message_id, 'in places of this log');
    pass.tally.count('event', true, missing.length);
    pass.tally.count('event', false, events.length - missing.length);
  }

  /** Places that hold the very same events already. @throws TransferError when one holds another event. */
  private async stored(key: LogKey, events: readonly StreamEvent[]): Promise<Set<number>> {
    const bySeq = new Map(events.map((event) => [seqOf(event), event]));
    const from = Math.min(...bySeq.keys());
    const places = new Set<number>();
    // One more: behind `end` nothing may follow.
    for await (const event of this.streams.read(key, from, events.length + 1)) {
      const seq = seqOf(event);
      const mine = bySeq.get(seq);
      if (mine ? !isDeepStrictEqual(event, mine) : events.at(-1)?.type === 'end')
        throw otherEvent(key.message_id, `at place ${seq}`);
      if (mine) places.add(seq);
    }
    return places;
  }
}

function messagePlacement(record: QuestionRecord | AnswerRecord, owner: Owner): Placement {
  const document = fromMessageRecord(record, owner.tenant_id);
  const { _id, reply_to } = document;
  const place = reply_to ? { $or: [{ _id }, { reply_to }] } : { _id };
  return { model: MESSAGE, place, document, essence: lasting };
}

/** A message without what retention may have done to it since. */
function lasting(message: Parameters<typeof toMessageRecord>[0]): unknown {
  const record = toMessageRecord(message);
  if (record.role !== 'user') return record;
  const { events_expired: _, ...run } = record.run;
  return { ...record, run };
}

function toolCallPlacement(record: Parameters<typeof fromToolCallRecord>[0], owner: Owner): Placement {
  const document = fromToolCallRecord(record, owner);
  const place = { message_id: new Types.ObjectId(record.message_id), call_id: record.call_id };
  return { model: ToolCallDocument.name, place, document, essence: toToolCallRecord };
}

function filePlacement(record: Parameters<typeof fromFileRecord>[0], owner: Owner): Placement {
  const document = fromFileRecord(record, owner);
  return {
    model: WorkspaceFile.name,
    place: { ...owner, path: record.path },
    document,
    essence: toFileRecord,
  };
}

function conflict(what: string, { document }: Placement): TransferError {
  const { _id, call_id, path } = document as { _id?: Types.ObjectId; call_id?: string; path?: string };
  const name = call_id ?? path ?? _id?.toHexString() ?? '';
  return new TransferError(`There is another ${what} "${name}" here: nothing was overwritten.`);
}

function otherEvent(messageId: string, where: string): TransferError {
  return new TransferError(`Message ${messageId} has another event here ${where}: nothing was overwritten.`);
}
