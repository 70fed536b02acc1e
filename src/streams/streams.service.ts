import { Injectable } from '@nestjs/common';
import { parseEventId, type StreamEvent } from '@reprise/protocol';
import { AppError, Clock, type TenantId } from '../common/index.js';
import { retryTransient } from '../platform/mongo/index.js';
import { EventLog, type LogKey } from './event-log.js';
import { Follower } from './follow.js';
import { seqOf } from './frame.js';
import { GroupCommit } from './group-commit.js';
import { LiveTail } from './live-tail.js';
import { LogWriter } from './log-writer.js';
import type { Span } from './span.js';

const READ_EVENTS = 500;

/** A log opened for writing. Close it when the run is over. */
export interface OpenLog {
  /** What was written before, oldest first. */
  prior: StreamEvent[];
  writer: LogWriter;
  close: () => void;
}

/** The facade of the module: read, follow, write and remove logs. */
@Injectable()
export class StreamsService {
  constructor(
    private readonly log: EventLog,
    private readonly follower: Follower,
    private readonly tail: LiveTail,
    private readonly commit: GroupCommit,
    private readonly clock: Clock,
  ) {}

  /** See {@link Follower.follow}. */
  follow(key: LogKey, seq: number, signal: AbortSignal): AsyncGenerator<Span, void, undefined> {
    return this.follower.follow(key, seq, signal);
  }

  /** The stored events from `seq` on, read page by page as the caller takes them. */
  async *read(key: LogKey, seq: number, limit = Infinity): AsyncGenerator<StreamEvent, void, undefined> {
    for (let from = seq, left = limit; left > 0;) {
      const range = { from, limit: Math.min(READ_EVENTS, left) };
      const events = await this.log.read(key, range);
      yield* events;
      if (events.length < range.limit) return;
      from += events.length;
      left -= events.length;
    }
  }

  /**
   * The event that a client names as its resume point.
   * @throws AppError 400 `unknown_event_id` when this log holds no event with that id.
   */
  async resumePoint(key: LogKey, eventId: string): Promise<StreamEvent> {
    const seq = parseEventId(eventId)?.seq;
    const [event] = seq === undefined ? [] : await this.log.read(key, { from: seq, limit: 1 });
    if (event?.id === eventId) return event;
    throw new AppError({
      status: 400,
      code: 'unknown_event_id',
      detail: 'No event of this message has that id.',
    });
  }

  /** The newest event of a log. */
  last(key: LogKey): Promise<StreamEvent | undefined> {
    return this.log.last(key);
  }

  /** Opens a log for its one writer, behind everything that is in it. */
  async open(key: LogKey, chatId: string): Promise<OpenLog> {
    const hold = this.tail.holdAsWriter(key.message_id);
    const { doubts } = hold.log;
    try {
      const prior = await retryTransient(() => collect(this.read(key, 0)));
      const last = prior.at(-1);
      const next = last ? seqOf(last) + 1 : 0;
      hold.log.nothingStoredFrom(next, doubts);
      const writer = new LogWriter({ ...key, chat_id: chatId, next }, this.commit, this.clock);
      return { prior, writer, close: hold.release };
    } catch (error) {
      hold.release();
      throw error;
    }
  }

  /**
   * Puts events of another database into their places. Repeating it changes nothing.
   * @returns whether it could be done; false when another event holds a place.
   */
  async restore(key: LogKey, events: readonly StreamEvent[]): Promise<boolean> {
    const entries = events.map((event) => ({ ...key, seq: seqOf(event), event }));
    return (await this.log.append(entries)).length === 0;
  }

  /** Removes whole logs and closes the streams that follow them. */
  async remove(tenant: TenantId, messageIds: readonly string[]): Promise<void> {
    await this.log.remove(tenant, messageIds);
    this.tail.announceRemoval(messageIds);
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
