import type { Frame } from '../dialects/frame.js';
import { PAGE_EVENTS } from './page-cache.js';
import { Span } from '../wire/span.js';

/** Pages of the newest frames that an active log keeps in memory for its live followers. */
const LIVE_PAGES = 3;

/** A reader of a log that is notified of changes. Waking it needlessly does no harm. */
export interface Waiter {
  wake(): void;
}

/** A reader that waits repeatedly. One per cursor: an abort listener for each wait would cost more than the wait. */
export class Sleeper implements Waiter {
  private resolve: (() => void) | undefined;

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', this.wake);
  }

  /** Resolves when woken, or when the signal aborts. */
  sleep(): Promise<void> {
    if (this.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  readonly wake = (): void => {
    this.resolve?.();
    this.resolve = undefined;
  };

  /** Stops sleeping. */
  close(): void {
    this.signal.removeEventListener('abort', this.wake);
  }
}

/** The newest part of one log, as far as this process has heard. */
export class LiveLog {
  /** The `seq` after the newest durable event heard of. */
  head = 0;
  /** True once the log itself was read up to `head`: from then on the bus reports every event. */
  private known = false;
  /** Increases each time the log is marked stale: what was read before a mark proves nothing after it. */
  staleMarks = 0;
  /** No more events will come: the log has ended or was deleted. */
  closed = false;
  private frames: Frame[] = [];
  private readonly spans = new Map<number, Span>();
  private readonly readers = new Set<Waiter>();

  constructor(private readonly onFullPage: (page: Span) => void) {}

  /** `seq` of the oldest frame in memory. */
  private get base(): number {
    return this.head - this.frames.length;
  }

  /** All frames in memory from `seq` on; undefined if `seq` is older than those, or has not arrived yet. */
  span(seq: number): Span | undefined {
    if (seq < this.base || seq >= this.head) return undefined;
    let span = this.spans.get(seq);
    if (!span) {
      span = new Span(this.frames.slice(seq - this.base));
      this.spans.set(seq, span);
    }
    return span;
  }

  /** `seq` of the event that is waited for; undefined if the log must be read first, or has ended. */
  get awaited(): number | undefined {
    return this.known && !this.closed ? this.head : undefined;
  }

  /** Whether the stored log may have an event at `seq`; if not, it is yet to come. */
  mayBeStored(seq: number): boolean {
    return !this.known || seq < this.head;
  }

  /**
   * A reader has read the log: it had nothing from `seq` on. What was published meanwhile takes precedence.
   * @param staleMarks their number when the reading started
   */
  nothingStoredFrom(seq: number, staleMarks: number): void {
    if (this.known || staleMarks < this.staleMarks) return;
    if (seq > this.head) this.dropFrames();
    this.head = Math.max(this.head, seq);
    this.known = true;
  }

  /** Events may have been missed: the log must be read again. */
  markStale(): void {
    this.known = false;
    this.staleMarks++;
    this.wake();
  }

  /**
   * Takes in a published event. One that arrived before is ignored; a gap drops older frames: the log has them. It
   * does not make a stale log fresh: the bus may deliver it late, after the one that was missed.
   */
  receive(frame: Frame): void {
    if (frame.seq < this.head) return;
    if (frame.seq > this.head) this.dropFrames();
    this.frames.push(frame);
    this.head = frame.seq + 1;
    this.closed ||= frame.isEnd;
    this.spans.clear();
    if (this.frames.length > LIVE_PAGES * PAGE_EVENTS) this.dropOldestPage();
  }

  /** From now on `reader` is woken at every change. */
  join(reader: Waiter): void {
    this.readers.add(reader);
  }

  /** A reader has left. */
  leave(reader: Waiter): void {
    this.readers.delete(reader);
  }

  /** Wakes every reader. Readers that leave meanwhile are not woken. */
  wake(): void {
    for (const reader of this.readers) reader.wake();
  }

  /** Returns what is in memory, in pages. */
  flush(): void {
    while (this.frames.length > 0) this.dropOldestPage();
  }

  private dropFrames(): void {
    this.frames = [];
    this.spans.clear();
  }

  private dropOldestPage(): void {
    const pageEnd = (Math.floor(this.base / PAGE_EVENTS) + 1) * PAGE_EVENTS;
    const page = new Span(this.frames.slice(0, pageEnd - this.base));
    this.frames = this.frames.slice(pageEnd - this.base);
    this.spans.clear();
    this.onFullPage(page);
  }
}
