import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Settings } from '../../platform/config/index.js';
import { retryTransient } from '../../platform/mongo/index.js';
import { v1 } from '../dialects/v1.js';
import { EventLog, type LogKey } from '../log/event-log.js';
import { Frame } from '../dialects/frame.js';
import { Span } from '../wire/span.js';

/** Events per page; pages start at multiples of it. */
export const PAGE_EVENTS = 256;

const READ_PATIENCE_MS = 30_000;

/** The log in pages. A full page, or the last one of an ended log, never changes, so it is kept while memory lasts. */
@Injectable()
export class PageCache {
  private readonly pages: LRUCache<string, Span>;
  private readonly loading = new Map<string, Promise<Span | undefined>>();

  constructor(
    private readonly log: EventLog,
    settings: Settings,
  ) {
    this.pages = new LRUCache({ maxSize: settings.LOG_CACHE_BYTES, sizeCalculation: bytesOf });
  }

  /** The frames from `seq` to the end of its page; undefined if the log had none yet at the time of the call. */
  async span(key: LogKey, seq: number): Promise<Span | undefined> {
    const index = Math.floor(seq / PAGE_EVENTS);
    const name = nameOf(key.message_id, index);
    const early = this.pages.get(name) ?? (await this.loading.get(name));
    // A load that was already in progress may have missed what was stored before this call.
    const page = early && seq < early.to ? early : await this.load(key, index);
    return page && seq < page.to ? page.startingAt(seq) : undefined;
  }

  /** Keeps a page if it can no longer change. */
  keep(messageId: string, page: Span): void {
    const index = page.from / PAGE_EVENTS;
    const unchanging = page.frames.length === PAGE_EVENTS || page.isEnd;
    if (Number.isInteger(index) && unchanging) this.pages.set(nameOf(messageId, index), page);
  }

  /** Drops deleted logs. */
  forget(messageIds: ReadonlySet<string>): void {
    for (const name of [...this.pages.keys()]) {
      if (messageIds.has(name.slice(0, name.indexOf('/')))) this.pages.delete(name);
    }
  }

  /** A page that was encoded in another dialect takes more memory than was recorded for it. */
  private weigh(messageId: string, page: Span): void {
    const name = nameOf(messageId, page.from / PAGE_EVENTS);
    if (this.pages.get(name) !== page) return;
    this.pages.delete(name); // setting the same value again would not measure it again
    this.pages.set(name, page);
  }

  /** However many readers miss the same page, it is read once. */
  private load(key: LogKey, index: number): Promise<Span | undefined> {
    const name = nameOf(key.message_id, index);
    const running = this.loading.get(name);
    if (running) return running;
    const load = this.read(key, index).finally(() => this.loading.delete(name));
    this.loading.set(name, load);
    return load;
  }

  private async read(key: LogKey, index: number): Promise<Span | undefined> {
    const range = { from: index * PAGE_EVENTS, limit: PAGE_EVENTS };
    const events = await retryTransient(() => this.log.read(key, range), { forMs: READ_PATIENCE_MS });
    if (events.length === 0) return undefined;
    const frames = events.map((event) => new Frame(event));
    const page: Span = new Span(frames, () => {
      this.weigh(key.message_id, page);
    });
    this.keep(key.message_id, page);
    return page;
  }
}

const nameOf = (messageId: string, index: number): string => `${messageId}/${index}`;

/** Encoded bytes, the same size again as strings, the events, and the objects. */
function bytesOf(page: Span): number {
  const events = page.in(v1, v1.initial).chunk.bytes.length;
  return events + 2 * page.encodedBytes + 300 * page.frames.length;
}
