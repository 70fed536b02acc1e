import { Injectable } from '@nestjs/common';
import type { StreamEvent } from '@reprise/protocol';
import { Clock, type TenantId } from '../common/index.js';
import { retryTransient } from '../platform/mongo/index.js';
import { LiveTail, type Hold } from './live/live-tail.js';
import { EventLog, type LogKey } from './log/event-log.js';
import { GroupCommit } from './log/group-commit.js';
import { LogWriter } from './log/log-writer.js';
import { readLog } from './log/read-log.js';
import { seqOf } from './dialects/frame.js';

/** A log opened for writing. Close it when the run is over. */
export interface OpenLog {
  /** What was written before, oldest first. */
  prior: StreamEvent[];
  writer: LogWriter;
  close: () => void;
}

/** What workers and operators do with logs: write, read, restore and delete. A person reads through `LogAccess`. */
@Injectable()
export class StreamsService {
  constructor(
    private readonly log: EventLog,
    private readonly tail: LiveTail,
    private readonly commit: GroupCommit,
    private readonly clock: Clock,
  ) {}

  /** The stored events from `seq` on, read page by page as the caller consumes them. */
  read(key: LogKey, from: number, limit = Infinity): AsyncGenerator<StreamEvent, void, undefined> {
    return readLog(this.log, key, { from, limit });
  }

  /** Opens a log that has no events yet. If it has some after all, the first event of this writer is rejected. */
  begin(key: LogKey, chatId: string): OpenLog {
    const hold = this.tail.holdAsWriter(key.message_id);
    hold.log.nothingStoredFrom(0, hold.log.staleMarks);
    return this.opened(key, chatId, { hold, prior: [] });
  }

  /** Opens a log for its one writer, behind everything that is in it. */
  async open(key: LogKey, chatId: string): Promise<OpenLog> {
    const hold = this.tail.holdAsWriter(key.message_id);
    const { staleMarks } = hold.log;
    try {
      const prior = await retryTransient(() => collect(this.read(key, 0)));
      hold.log.nothingStoredFrom(nextOf(prior), staleMarks);
      return this.opened(key, chatId, { hold, prior });
    } catch (error) {
      hold.release();
      throw error;
    }
  }

  private opened(
    key: LogKey,
    chatId: string,
    { hold, prior }: { hold: Hold; prior: StreamEvent[] },
  ): OpenLog {
    const writer = new LogWriter({ ...key, chat_id: chatId, next: nextOf(prior) }, this.commit, this.clock);
    const close = (): void => {
      hold.release();
    };
    return { prior, writer, close };
  }

  /**
   * Writes events from another database to their places. Repeating it changes nothing.
   * @returns whether it succeeded; false if another event occupies a place.
   */
  async restore(key: LogKey, events: readonly StreamEvent[]): Promise<boolean> {
    const entries = events.map((event) => ({ ...key, seq: seqOf(event), event }));
    return (await this.log.append(entries)).length === 0;
  }

  /** Deletes whole logs and closes the streams that follow them. */
  async remove(tenant: TenantId, messageIds: readonly string[]): Promise<void> {
    await this.log.remove(tenant, messageIds);
    this.tail.announceRemoval(messageIds);
  }
}

/** The place after the last of some events. */
function nextOf(prior: readonly StreamEvent[]): number {
  const last = prior.at(-1);
  return last ? seqOf(last) + 1 : 0;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
