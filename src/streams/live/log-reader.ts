import { Injectable } from '@nestjs/common';
import type { LogKey } from '../log/event-log.js';
import type { Span } from '../wire/span.js';
import { Cursor } from './cursor.js';
import { Sleeper, type Waiter } from './live-log.js';
import { LiveTail } from './live-tail.js';
import { PageCache } from './page-cache.js';

/** One cursor for history and live: every log, at any time, is read through this. */
@Injectable()
export class LogReader {
  constructor(
    private readonly tail: LiveTail,
    private readonly pages: PageCache,
  ) {}

  /**
   * A cursor at `seq`. Close it.
   *
   * The tail is acquired before the log is read, so every event is either in the log by then or arrives through the
   * tail.
   */
  open(key: LogKey, seq: number, reader: Waiter): Cursor {
    const hold = this.tail.holdAsFollower(key.message_id);
    return new Cursor(key, seq, { hold, pages: this.pages }, reader);
  }

  /**
   * Every event from `seq` on, in order, without gaps or duplicates: the existing ones first, then new ones, until the
   * log ends.
   */
  async *follow(key: LogKey, seq: number, signal: AbortSignal): AsyncGenerator<Span, void, undefined> {
    const sleeper = new Sleeper(signal);
    const cursor = this.open(key, seq, sleeper);
    try {
      while (!signal.aborted) {
        const found = cursor.atHand() ?? (await cursor.lookUp());
        if (found === 'over') return;
        if (found === 'later') await sleeper.sleep();
        else if (found) {
          yield found;
          if (found.isEnd) return;
          cursor.pass(found);
        }
      }
    } finally {
      cursor.close();
      sleeper.close();
    }
  }
}
