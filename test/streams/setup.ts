import { newMetrics } from '../support/telemetry.js';
import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { mintEventId, type EventBody, type StreamEvent } from '@reprise/protocol';
import mongoose from 'mongoose';
import { DEFAULT_TENANT, SystemClock } from '../../src/common/index.js';
import { loadSettings } from '../../src/platform/config/index.js';
import { LocalEventBus } from '../../src/streams/log/event-bus.js';
import type { EventLog, LogEntry } from '../../src/streams/log/event-log.js';
import { LogReader } from '../../src/streams/live/log-reader.js';
import { CommitPace } from '../../src/streams/log/commit-pace.js';
import { GroupCommit } from '../../src/streams/log/group-commit.js';
import { LiveTail } from '../../src/streams/live/live-tail.js';
import { messageEventSchema, type MessageEventDocument } from '../../src/streams/log/message-event.schema.js';
import { MongoEventLog } from '../../src/streams/log/mongo-event-log.js';
import { PageCache } from '../../src/streams/live/page-cache.js';
import { StreamsService } from '../../src/streams/streams.service.js';
import { testMongoUri } from '../support/app.js';

export const CHAT = '550e8400-e29b-41d4-a716-446655440000';
export const END: EventBody<'end'> = {
  type: 'end',
  status: 'completed',
  ms_total: 1,
  tool_calls: 0,
  usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  model: 'test',
};

export const newMessageId = (): string => new mongoose.Types.ObjectId().toHexString();

/** A log in its own database. */
export async function openMongoLog(): Promise<{ log: MongoEventLog; close(): Promise<void> }> {
  const dbName = `test_${randomBytes(6).toString('hex')}`;
  const connection = await mongoose.createConnection(testMongoUri(), { dbName }).asPromise();
  const model = connection.model<MessageEventDocument>('MessageEvent', messageEventSchema);
  const close = async (): Promise<void> => {
    await connection.dropDatabase();
    await connection.close();
  };
  return { log: new MongoEventLog(model), close };
}

/** The streams module around a log, wired by hand. */
export function streamsAround(
  log: EventLog,
  pace = new CommitPace(),
): {
  streams: StreamsService;
  logReader: LogReader;
  commit: GroupCommit;
  tail: LiveTail;
} {
  const bus = new LocalEventBus();
  const pages = new PageCache(log, loadSettings({}));
  const metrics = newMetrics();
  const tail = new LiveTail(bus, pages, log, metrics);
  const commit = new GroupCommit(log, bus, pace, metrics);
  return {
    streams: new StreamsService(log, tail, commit, new SystemClock()),
    logReader: new LogReader(tail, pages),
    commit,
    tail,
  };
}

/** One event at a chosen place. */
export function entry(message_id: string, seq: number, body: EventBody, nonce = 'aaaaaaaa'): LogEntry {
  const { type, ...fields } = body;
  const id = mintEventId({ ms: 1_700_000_000_000, seq, nonce });
  const event = {
    v: 1,
    type,
    id,
    ts: '2025-10-12T10:00:00.000Z',
    message_id,
    chat_id: CHAT,
    ...fields,
  } as StreamEvent;
  return { tenant: DEFAULT_TENANT, message_id, seq, event };
}

export const text = (md: string): EventBody<'content'> => ({ type: 'content', md });
export { DEFAULT_TENANT, turn };
