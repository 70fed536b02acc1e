import { Injectable } from '@nestjs/common';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { StreamEvent } from '@reprise/protocol';
import type { TenantId } from '../common/index.js';
import { DocumentArchive } from '../documents/index.js';
import { seqOf, StreamsService, type LogKey } from '../streams/index.js';
import { Ascending } from './ascending.js';
import { ChatPlace } from './chat-place.js';
import { TransferError } from './errors.js';
import type { ImportTarget } from './import-target.js';
import { fromDocumentRecord, toDocumentRecord } from './mapping.js';
import {
  conflict,
  filePlacement,
  messagePlacement,
  toolCallPlacement,
  userPlacement,
  type Log,
} from './placements.js';
import { Progress } from './progress.js';
import { readExport, type PlacedRecord } from './read-export.js';
import type { AnswerRecord, ChatRecord, DocumentRecord, QuestionRecord } from './records.js';
import { Tally } from './tally.js';
import { TransferStore, type Placement } from './transfer-store.js';
import { UploadPlace } from './upload-place.js';

/** What an import has done. */
export interface ImportResult {
  tally: Tally;
  /** When the first of its runs ended, epoch milliseconds; Infinity without any. */
  oldestEnd: number;
}

/** One pass over the file: the first only checks, the second writes. */
interface Pass extends Log {
  target: ImportTarget;
  writes: boolean;
  tally: Tally;
  /** When the first run ended, epoch milliseconds. */
  oldestEnd: number;
  /** Events waiting to be compared or written together. */
  events: StreamEvent[];
  /** The messages of the current log: they become visible when everything that belongs to them is there. */
  messages: (QuestionRecord | AnswerRecord)[];
}

const EVENTS_TOGETHER = 500;

/** Loads an export into this database. Existing data stays as it is; contradictions are rejected. */
@Injectable()
export class Importer {
  constructor(
    private readonly store: TransferStore,
    private readonly chats: ChatPlace,
    private readonly streams: StreamsService,
    private readonly documents: DocumentArchive,
    private readonly uploads: UploadPlace,
  ) {}

  /**
   * Reads the files twice: nothing is written before everything has been checked. Repeating an interrupted import
   * completes it.
   * @param tell is called now and then with the progress.
   * @throws TransferError with the file and the line, or what is in the way.
   */
  async import(
    files: readonly string[],
    target: ImportTarget,
    tell: (line: string) => void,
  ): Promise<ImportResult> {
    await this.pass(files, newPass(target, false), tell);
    const pass = newPass(target, true);
    await this.pass(files, pass, tell);
    return { tally: pass.tally, oldestEnd: pass.oldestEnd };
  }

  private async pass(files: readonly string[], pass: Pass, tell: (line: string) => void): Promise<void> {
    const size = await sizeOf(files);
    let bytes = 0;
    const progress = new Progress(pass.writes ? 'Importing' : 'Checking', tell, () => bytes / size);
    const order = new Ascending();
    const onBytes = (read: number): void => {
      bytes += read;
    };
    for (const file of files) {
      let number = 1;
      try {
        for await (const placed of readExport(file, order, onBytes)) {
          number = placed.line.number;
          progress.count(placed.record);
          await this.take(pass, placed);
        }
      } catch (error) {
        throw placedError(error, { file: files.length > 1 ? file : undefined, number, writes: pass.writes });
      }
    }
  }

  private async take(pass: Pass, { record, version, line }: PlacedRecord): Promise<void> {
    if (record.kind === 'event') {
      pass.events.push(record.event);
      if (pass.events.length >= EVENTS_TOGETHER || record.event.type === 'end') await this.flush(pass);
    } else if (record.kind === 'tool_call') {
      await this.flush(pass);
      await this.place(pass, 'tool call', toolCallPlacement(record.tool_call, pass));
    } else if (record.kind === 'message' && record.message.role === 'assistant') {
      pass.messages.push(record.message);
    } else {
      await this.leaveLog(pass);
      if (record.kind === 'user') await this.place(pass, 'user', userPlacement(line, record.user));
      if (record.kind === 'document') await this.placeDocument(pass, record.document);
      if (record.kind === 'chat') await this.beginChat(pass, record.chat, version);
      if (record.kind === 'message') await this.beginLog(pass, record.message);
      if (record.kind === 'file') await this.uploads.place(record.file, pass);
      if (record.kind === 'workspace_file')
        await this.place(pass, 'workspace file', filePlacement(record.file, pass.owner));
    }
  }

  private async beginChat(pass: Pass, chat: ChatRecord, version: 1 | 2): Promise<void> {
    if (version === 2 && pass.target.user !== undefined)
      throw new TransferError(
        'This file contains the chats of all users: --user works only with the export of one chat.',
      );
    const tenant = (chat.tenant_id ?? pass.target.tenant) as TenantId;
    pass.owner.chat_id = chat.chat_id;
    pass.owner.tenant_id = tenant;
    pass.userId = pass.target.user ?? chat.user_id;
    const added = await this.chats.take(chat, { ...pass.target, tenant }, pass.writes);
    pass.tally.count('chat', added);
  }

  private async placeDocument(pass: Pass, record: DocumentRecord): Promise<void> {
    const here = await this.documents.find(record.document_id);
    if (here && !isDeepStrictEqual(toDocumentRecord(here), record))
      throw new TransferError(
        `A different document "${record.document_id}" exists here. Nothing was overwritten.`,
      );
    if (!here && pass.writes) await this.documents.put(fromDocumentRecord(record));
    pass.tally.count('document', !here);
  }

  private async beginLog(pass: Pass, message: QuestionRecord | AnswerRecord): Promise<void> {
    pass.messages = [message];
    if (message.role === 'user' && message.run.ended_at !== undefined)
      pass.oldestEnd = Math.min(pass.oldestEnd, Date.parse(message.run.ended_at));
    const here = await this.store.message(pass.owner.tenant_id as TenantId, message.message_id);
    pass.goneOn = message.role === 'user' && message.run.open === true && here !== null;
    const lost = here?.run?.events_expired !== undefined;
    if (lost && message.role === 'user' && !message.run.events_expired) {
      const { message_id } = message;
      throw new TransferError(
        `Message ${message_id} exists here and its events have expired. They are not restored.`,
      );
    }
  }

  /** Answer first: once its question is there, a message is visible. */
  private async leaveLog(pass: Pass): Promise<void> {
    await this.flush(pass);
    for (const message of pass.messages.reverse())
      await this.place(pass, 'message', messagePlacement(message, pass));
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
    const key: LogKey = { tenant: pass.owner.tenant_id as TenantId, message_id: first.message_id };
    const stored = await this.stored(key, events);
    const missing = events.filter((event) => !stored.has(seqOf(event)));
    if (pass.writes && missing.length > 0 && !(await this.streams.restore(key, missing)))
      throw otherEvent(key.message_id, 'in places of this log');
    pass.tally.count('event', true, missing.length);
    pass.tally.count('event', false, events.length - missing.length);
  }

  /** Places that already hold exactly these events. @throws TransferError if one holds a different event. */
  private async stored(key: LogKey, events: readonly StreamEvent[]): Promise<Set<number>> {
    const bySeq = new Map(events.map((event) => [seqOf(event), event]));
    const from = Math.min(...bySeq.keys());
    const places = new Set<number>();
    // One more: nothing may follow `end`.
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

function newPass(target: ImportTarget, writes: boolean): Pass {
  const owner = { tenant_id: target.tenant as string, chat_id: '' };
  const tally = new Tally();
  return {
    target,
    writes,
    tally,
    owner,
    userId: '',
    oldestEnd: Infinity,
    events: [],
    messages: [],
    goneOn: false,
  };
}

async function sizeOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Says where, and that a part has been written by now: the reader must not assume that nothing was. */
function placedError(
  error: unknown,
  { file, number, writes }: { file: string | undefined; number: number; writes: boolean },
): unknown {
  if (!(error instanceof TransferError)) return error;
  const where = file === undefined ? '' : `${path.basename(file)}: `;
  const written = writes
    ? ` The database changed after the file was checked: everything before line ${number} has been imported, the rest has not.`
    : '';
  return new TransferError(`${where}${error.message}${written}`);
}

function otherEvent(messageId: string, where: string): TransferError {
  return new TransferError(
    `Message ${messageId} has a different event here ${where}. Nothing was overwritten.`,
  );
}
