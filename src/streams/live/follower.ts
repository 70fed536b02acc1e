import { Injectable } from '@nestjs/common';
import type { LogKey } from '../log/event-log.js';
import { Sleeper, type LiveLog } from './live-log.js';
import { LiveTail } from './live-tail.js';
import { PageCache } from './page-cache.js';
import type { Span } from '../wire/span.js';

/** One cursor for history and live: every reader of a log, at whatever time, reads it through this. */
@Injectable()
export class Follower {
  constructor(
    private readonly tail: LiveTail,
    private readonly pages: PageCache,
  ) {}

  /**
   * Every event from `seq` on, in order, without gap or repeat: those that exist, then those to come, until the log
   * ends. The reader sets the pace; one that is behind reads from memory or from the log, and queues nothing.
   *
   * The tail is held before the log is read, so an event is in the log by then or comes by the tail.
   */
  async *follow(key: LogKey, seq: number, signal: AbortSignal): AsyncGenerator<Span, void, undefined> {
    const hold = this.tail.holdAsFollower(key.message_id);
    const live = hold.log;
    const sleeper = new Sleeper(signal);
    try {
      let next = seq;
      while (!signal.aborted) {
        const { head } = live;
        const span = live.span(next) ?? (await this.stored(key, live, next));
        if (span) {
          yield span;
          if (span.isEnd) return;
          next = span.to;
        } else if (next < head || (live.closed && next >= live.head)) {
          return; // what was durable is gone, so the log was deleted; or nothing more will come
        } else if (!live.mayBeStored(next)) {
          await live.changed(sleeper);
        }
      }
    } finally {
      live.leave(sleeper);
      hold.release();
    }
  }

  private async stored(key: LogKey, live: LiveLog, seq: number): Promise<Span | undefined> {
    if (!live.mayBeStored(seq)) return undefined;
    const { staleMarks } = live;
    const span = await this.pages.span(key, seq);
    if (!span) live.nothingStoredFrom(seq, staleMarks);
    return span;
  }
}
