import type { LogKey } from '../log/event-log.js';
import type { Span } from '../wire/span.js';
import type { Waiter } from './live-log.js';
import type { Hold } from './live-tail.js';
import type { PageCache } from './page-cache.js';

/** What is at a place of a log: events, none yet, or none any more because the log was closed or deleted. */
export type Found = Span | 'later' | 'over';

/**
 * One reader's position in a log, in history and live. The reader sets the pace; a slow one reads from memory or from
 * the log, and nothing is queued for it. A waiting cursor is an object in a set: no promise, no timer, no listener.
 */
export class Cursor {
  /** @param reader woken whenever `atHand` may have changed; it may be woken needlessly. */
  constructor(
    private readonly key: LogKey,
    private seq: number,
    private readonly source: { hold: Hold; pages: PageCache },
    private readonly reader: Waiter,
  ) {
    source.hold.log.join(reader);
  }

  /** What memory knows to be at this place; undefined if the log must be asked. */
  atHand(): Found | undefined {
    const { log } = this.source.hold;
    const span = log.span(this.seq);
    if (span) return span;
    if (log.mayBeStored(this.seq)) return undefined;
    return log.closed ? 'over' : 'later';
  }

  /** What the stored log has at this place; undefined: look in memory again. */
  async lookUp(): Promise<Found | undefined> {
    const { hold, pages } = this.source;
    const { head, staleMarks } = hold.log;
    const span = await pages.span(this.key, this.seq);
    if (span) return span;
    hold.log.nothingStoredFrom(this.seq, staleMarks);
    // What was durable is gone, so the log was deleted; or nothing more will come.
    const isOver = this.seq < head || (hold.log.closed && this.seq >= hold.log.head);
    return isOver ? 'over' : undefined;
  }

  /** Moves on to after a span that was found here. */
  pass(span: Span): void {
    this.seq = span.to;
  }

  /** Releases the log. Call it once. */
  close(): void {
    this.source.hold.log.leave(this.reader);
    this.source.hold.release();
  }
}

/** What the reader of a {@link Cursor} uses. */
export type LogCursor = Pick<Cursor, 'atHand' | 'lookUp' | 'pass' | 'close'>;
