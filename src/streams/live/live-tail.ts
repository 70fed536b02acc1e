import { Injectable } from '@nestjs/common';
import { retryTransient } from '../../platform/mongo/index.js';
import { Metrics } from '../../platform/telemetry/index.js';
import { EventBus, type BusReceiver } from '../log/event-bus.js';
import { EventLog, type LogEntry, type Place } from '../log/event-log.js';
import { Frame } from '../dialects/frame.js';
import { LiveLog } from './live-log.js';
import { PageCache } from './page-cache.js';
import type { Span } from '../wire/span.js';

/** A hold on a live log. */
export interface Hold {
  readonly log: LiveLog;
  /** Releases the hold; call it once. With the last hold the frames go to the page cache. */
  release(): void;
}

interface Held {
  readonly messageId: string;
  readonly log: LiveLog;
  writers: number;
  followers: number;
}

type Role = 'writers' | 'followers';

/** Thousands of streams have one each, so it is an object and not a closure over several. */
class TailHold implements Hold {
  constructor(
    private readonly tail: LiveTail,
    private readonly held: Held,
    private readonly role: Role,
  ) {}

  get log(): LiveLog {
    return this.held.log;
  }

  release(): void {
    this.tail.letGo(this.held, this.role);
  }
}

/** Places queried at once: some 100 kB of query, a few milliseconds of the database. */
const PLACES_AT_ONCE = 1000;

/** The logs that this process writes or follows, fed by the bus. */
@Injectable()
export class LiveTail implements BusReceiver {
  private readonly held = new Map<string, Held>();
  private inRound = false;
  private roundWanted = false;

  constructor(
    private readonly bus: EventBus,
    private readonly pages: PageCache,
    private readonly log: EventLog,
    private readonly metrics: Metrics,
  ) {
    bus.attach(this);
  }

  /** Acquires a log that this process writes: it hears what it writes anyway. */
  holdAsWriter(messageId: string): Hold {
    return this.hold(messageId, 'writers');
  }

  /** Acquires a log to follow, whichever process writes it. */
  holdAsFollower(messageId: string): Hold {
    const hold = this.hold(messageId, 'followers');
    if (this.held.get(messageId)?.followers === 1) this.bus.watch(messageId);
    return hold;
  }

  private hold(messageId: string, role: Role): Hold {
    const held = this.held.get(messageId) ?? this.begin(messageId);
    held[role]++;
    return new TailHold(this, held, role);
  }

  /** Called by a hold that ends. */
  letGo(held: Held, role: Role): void {
    held[role]--;
    if (role === 'followers' && held.followers === 0) this.bus.unwatch(held.messageId);
    if (held.writers + held.followers > 0) return;
    this.held.delete(held.messageId);
    held.log.flush();
  }

  private begin(messageId: string): Held {
    const keep = (page: Span): void => {
      this.pages.keep(messageId, page);
    };
    const held = { messageId, log: new LiveLog(keep), writers: 0, followers: 0 };
    this.held.set(messageId, held);
    return held;
  }

  /** Logs were deleted: closes their streams in every process that follows them. */
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
    let oldest: LogEntry | undefined;
    for (const entry of entries) {
      const held = this.held.get(entry.message_id);
      if (!held) continue;
      const { log } = held;
      if (held.followers > 0) oldest ??= entry;
      log.receive(new Frame(entry.event, entry.seq));
      touched.add(log);
    }
    for (const log of touched) log.wake();
    if (oldest) this.metrics.streams.followed((Date.now() - Date.parse(oldest.event.ts)) / 1000);
  }

  /** See {@link BusReceiver}. */
  markStale(messageId?: string): void {
    if (messageId !== undefined) this.held.get(messageId)?.log.markStale();
    else void this.markAllStale();
  }

  /**
   * One round at a time: logs marked stale during a round may be among those it has already queried, so another one
   * follows.
   */
  private async markAllStale(): Promise<void> {
    this.roundWanted = true;
    if (this.inRound) return;
    this.inRound = true;
    while (this.roundWanted) {
      this.roundWanted = false;
      await this.lookForMissed(this.placesAwaited());
    }
    this.inRound = false;
  }

  /** The places of the next events of all followed logs; logs that are being read are marked stale instead. */
  private placesAwaited(): Place[] {
    const places: Place[] = [];
    for (const [message_id, { log, followers }] of this.held) {
      const seq = followers > 0 ? log.awaited : undefined;
      if (seq === undefined) log.markStale();
      else places.push({ message_id, seq });
    }
    return places;
  }

  /** Rereading every log would cost a page each, and nearly all of them are silent. */
  private async lookForMissed(places: readonly Place[]): Promise<void> {
    for (let from = 0; from < places.length; from += PLACES_AT_ONCE) {
      const some = places.slice(from, from + PLACES_AT_ONCE);
      const occupied = await retryTransient(() => this.log.occupied(some)).catch(() => some);
      for (const { message_id, seq } of occupied) {
        const log = this.held.get(message_id)?.log;
        if (log && log.head <= seq) log.markStale();
      }
    }
  }
}
