import { Injectable } from '@nestjs/common';
import { EventBus, type BusReceiver } from './event-bus.js';
import type { LogEntry } from './event-log.js';
import { Frame } from './frame.js';
import { PAGE_EVENTS, PageCache } from './page-cache.js';
import { Span } from './span.js';

/** Pages of newest frames that a log in use keeps at hand for those who follow it live. */
const LIVE_PAGES = 3;

/** Somebody who waits, again and again. One per cursor: an abort listener for each wait would cost more than the wait. */
export class Sleeper {
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

  /** Sleeps no more. */
  close(): void {
    this.signal.removeEventListener('abort', this.wake);
  }
}

/** The newest part of one log, as far as this process has heard of it. */
export class LiveLog {
  /** The `seq` after the newest durable event heard of. */
  head = 0;
  /** True once the log itself was read up to `head`: from then on the bus tells of every event. */
  private known = false;
  /** Grows with every doubt: what was read before one proves nothing after it. */
  doubts = 0;
  /** No more events will come: the log has ended or was deleted. */
  closed = false;
  private frames: Frame[] = [];
  private readonly spans = new Map<number, Span>();
  private readonly sleepers = new Set<Sleeper>();

  constructor(private readonly onFullPage: (page: Span) => void) {}

  /** `seq` of the oldest frame at hand. */
  private get base(): number {
    return this.head - this.frames.length;
  }

  /** All frames at hand from `seq` on; undefined when `seq` is older than those, or has not come yet. */
  span(seq: number): Span | undefined {
    if (seq < this.base || seq >= this.head) return undefined;
    let span = this.spans.get(seq);
    if (!span) {
      span = new Span(this.frames.slice(seq - this.base));
      this.spans.set(seq, span);
    }
    return span;
  }

  /** Whether the stored log may have an event at `seq`; if not, it is still to come. */
  mayBeStored(seq: number): boolean {
    return !this.known || seq < this.head;
  }

  /**
   * Somebody has read the log: it had nothing from `seq` on. What was published meanwhile counts more.
   * @param doubts the number of them when the reading began
   */
  nothingStoredFrom(seq: number, doubts: number): void {
    if (this.known || doubts < this.doubts) return;
    if (seq > this.head) this.dropFrames();
    this.head = Math.max(this.head, seq);
    this.known = true;
  }

  /** Events may have been missed: the log is to be read again. */
  doubt(): void {
    this.known = false;
    this.doubts++;
    this.wake();
  }

  /**
   * Takes in a published event. One that came before is ignored; a gap drops what is older: the log has it.
   * It does not end a doubt: the bus may bring it late, after the one that was missed.
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

  /** Resolves at the next change, or when the sleeper is woken otherwise. */
  changed(sleeper: Sleeper): Promise<void> {
    this.sleepers.add(sleeper);
    return sleeper.sleep();
  }

  /** Somebody has left. */
  leave(sleeper: Sleeper): void {
    this.sleepers.delete(sleeper);
    sleeper.close();
  }

  /** Wakes everybody who waits for a change. */
  wake(): void {
    const woken = [...this.sleepers];
    this.sleepers.clear();
    for (const sleeper of woken) sleeper.wake();
  }

  /** Hands over what is at hand in pages. */
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

/** Somebody's hold on a live log. */
export interface Hold {
  readonly log: LiveLog;
  /** Lets go. With the last hold the frames go to the page cache. */
  release: () => void;
}

interface Held {
  log: LiveLog;
  writers: number;
  followers: number;
}

/** The logs that somebody writes or follows in this process, fed by the bus. */
@Injectable()
export class LiveTail implements BusReceiver {
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly bus: EventBus,
    private readonly pages: PageCache,
  ) {
    bus.attach(this);
  }

  /** Holds a log that this process writes: what it writes, it hears anyway. */
  holdAsWriter(messageId: string): Hold {
    return this.hold(messageId, 'writers');
  }

  /** Holds a log that somebody follows, whoever writes it. */
  holdAsFollower(messageId: string): Hold {
    const hold = this.hold(messageId, 'followers');
    if (this.held.get(messageId)?.followers === 1) this.bus.watch(messageId);
    return hold;
  }

  private hold(messageId: string, role: 'writers' | 'followers'): Hold {
    const held = this.held.get(messageId) ?? this.begin(messageId);
    held[role]++;
    const release = (): void => {
      held[role]--;
      if (role === 'followers' && held.followers === 0) this.bus.unwatch(messageId);
      if (held.writers + held.followers > 0) return;
      this.held.delete(messageId);
      held.log.flush();
    };
    return { log: held.log, release };
  }

  private begin(messageId: string): Held {
    const keep = (page: Span): void => {
      this.pages.keep(messageId, page);
    };
    const held = { log: new LiveLog(keep), writers: 0, followers: 0 };
    this.held.set(messageId, held);
    return held;
  }

  /** Logs were deleted: closes their streams, wherever somebody follows them. */
  announceRemoval(messageIds: readonly string[]): void {
    this.bus.publishRemoval(messageIds);
  }

  /** See {@link BusReceiver}. Closes the streams of deleted logs and forgets their frames. */
  forget(messageIds: readonly string[]): void {
    for (const id of messageIds) {
      const log = this.held.get(id)?.log;
      if (!log) continue;
      log.closed = true;
      log.wake();
    }
    this.pages.forget(new Set(messageIds));
  }

  /** See {@link BusReceiver}. */
  receive(entries: readonly LogEntry[]): void {
    const touched = new Set<LiveLog>();
    for (const entry of entries) {
      const log = this.held.get(entry.message_id)?.log;
      if (!log) continue;
      log.receive(new Frame(entry.event, entry.seq));
      touched.add(log);
    }
    for (const log of touched) log.wake();
  }

  /** See {@link BusReceiver}. */
  doubt(messageId?: string): void {
    if (messageId !== undefined) this.held.get(messageId)?.log.doubt();
    else for (const { log } of this.held.values()) log.doubt();
  }
}
