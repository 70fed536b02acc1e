import type { StreamEvent } from '@reprise/protocol';
import { BackOff, pause } from '../back-off.js';
import { isPassing, RepriseError } from '../errors.js';
import type { Connection, FollowOptions } from '../run-follower.js';
import type { RunSource } from '../run-source.js';
import { seqOf } from '../stream-state.js';
import { Claim } from './claim.js';
import type { TabLocks } from './tab-locks.js';
import type { Presence } from './presence.js';
import { RunChannel } from './run-channel.js';

/** What the followers in this tab share with those in the other tabs. */
export interface Surroundings {
  locks: TabLocks;
  presence: Presence;
  /** One lock per stream that may be open. */
  slots: readonly string[];
  /** Names of the run's lock, held by the tab that reads it, and of the channel for its events. */
  name: string;
}

/** How often the reading tab says that it is alive, ms. */
const HERE_MS = 1000;
/** A listening tab that hears nothing for this long, ms, reads the log itself: the reading tab may be paused. */
const SILENCE_MS = 3500;
/** How often a run for which no stream is free is polled, ms. */
const POLL_MS = 1000;
const RETRY_MS = 500;

type Batches = AsyncGenerator<StreamEvent[], void, undefined>;

/** Follows one run for one tab: reads it for all tabs, or listens to the tab that does. */
export class SharedFollower {
  private readonly backOff = new BackOff(RETRY_MS, 4000);
  private lastEventId: string | null;
  private hasEnded = false;
  private connection: Connection | undefined;
  /** The consumer has not asked for more events: this tab pauses reading. */
  private isGiving = false;
  /** Aborted when the tab is hidden or nobody wants the events any more. */
  private watch = new AbortController();
  private channel!: RunChannel;

  constructor(
    private readonly around: Surroundings,
    private readonly source: RunSource,
    private readonly options: FollowOptions,
  ) {
    this.lastEventId = options.after ?? null;
  }

  /** See `StreamStrategy`. */
  async *batches(): Batches {
    const signal = this.options.signal ?? new AbortController().signal;
    try {
      while (!this.hasEnded && !signal.aborted) {
        await this.around.presence.shown(signal);
        yield* this.whileShown(signal);
      }
    } finally {
      this.options.onConnection?.({ state: 'closed' });
    }
  }

  private async *whileShown(outer: AbortSignal): Batches {
    const watch = new AbortController();
    const check = (): void => {
      if (outer.aborted || !this.around.presence.isShown) watch.abort();
    };
    const stopWatching = this.around.presence.onChange(check);
    outer.addEventListener('abort', check);
    check();
    this.watch = watch;
    this.channel = new RunChannel(this.around.name);
    watch.signal.addEventListener('abort', this.channel.wake);
    try {
      this.report({ state: 'connecting' });
      yield* this.inTurn();
    } finally {
      stopWatching();
      outer.removeEventListener('abort', check);
      watch.abort();
      this.channel.close();
    }
  }

  /** Listens for as long as another tab reads, then reads. */
  private async *inTurn(): Batches {
    const { locks, name } = this.around;
    const seat = await Claim.of(locks, [name], this.channel.wake);
    try {
      if (!seat.isHeld()) yield* this.listen(seat);
      if (!this.isOver()) yield* this.lead();
    } finally {
      seat.drop();
    }
  }

  private async *listen(seat: Claim): Batches {
    let isBehind = true;
    this.channel.open();
    while (!this.isOver() && !seat.isHeld()) {
      if (isBehind) {
        const events = await this.read();
        if (events && events.length > 0) yield events;
        isBehind = events === null;
        continue;
      }
      const told = await this.channel.next(SILENCE_MS);
      if (told?.kind === 'here') this.report(told.connection);
      const fresh = told?.kind === 'events' ? this.unseen(told.events) : [];
      // Anything missed is in the log.
      isBehind = told === null || this.isGap(fresh);
      if (fresh.length > 0 && !isBehind) yield this.take(fresh);
    }
  }

  /** Reads the run for all tabs. */
  private async *lead(): Batches {
    const { locks, slots } = this.around;
    const { channel } = this;
    channel.shut();
    const slot = await Claim.of(locks, slots, channel.wake);
    const timer = setInterval(() => {
      if (this.connection && !this.isGiving) channel.tellConnection(this.connection);
    }, HERE_MS);
    try {
      if (!slot.isHeld()) yield* this.poll(slot);
      if (!this.isOver()) yield* this.stream();
    } finally {
      clearInterval(timer);
      slot.drop();
    }
  }

  private async *poll(slot: Claim): Batches {
    while (!this.isOver() && !slot.isHeld()) {
      const events = await this.read();
      if (events && events.length > 0) yield* this.give(events);
      if (!this.isOver() && !slot.isHeld()) await this.channel.next(POLL_MS);
    }
  }

  private async *stream(): Batches {
    const { lastEventId: after, channel } = this;
    const onConnection = (connection: Connection): void => {
      if (connection.state === 'closed') return;
      this.report(connection);
      channel.tellConnection(connection);
    };
    const { signal } = this.watch;
    for await (const batch of this.source.stream({ ...this.options, after, signal, onConnection })) {
      const events = this.unseen(batch);
      if (events.length > 0) yield* this.give(this.take(events));
    }
    if (!signal.aborted) this.hasEnded = true; // even without `end`: resumed after it
  }

  /**
   * The log's events that have not been seen yet. @returns `null` if it could not be read just now. @throws
   * RepriseError
   */
  private async read(): Promise<StreamEvent[] | null> {
    const { signal } = this.watch;
    try {
      const events = await this.source.read({ after: this.lastEventId, signal });
      this.backOff.reset();
      this.report({ state: 'open' });
      return this.take(this.unseen(events));
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof RepriseError) || !isPassing(error.status)) throw error;
      const ms = this.backOff.next(error.retryAfterMs);
      this.report({ state: 'waiting', ms, error });
      await pause(ms, error.status === 0, signal);
      return null;
    }
  }

  private isOver(): boolean {
    return this.hasEnded || this.watch.signal.aborted;
  }

  private get seq(): number {
    return this.lastEventId === null ? -1 : seqOf(this.lastEventId);
  }

  private unseen(events: readonly StreamEvent[]): StreamEvent[] {
    return events.filter(({ id }) => seqOf(id) > this.seq);
  }

  private isGap([first]: readonly StreamEvent[]): boolean {
    return first !== undefined && seqOf(first.id) !== this.seq + 1;
  }

  private take(events: StreamEvent[]): StreamEvent[] {
    const last = events.at(-1);
    this.lastEventId = last?.id ?? this.lastEventId;
    this.hasEnded ||= last?.type === 'end';
    return events;
  }

  /** To the other tabs, and to this one. */
  private *give(events: StreamEvent[]): Generator<StreamEvent[], void, undefined> {
    this.channel.tellEvents(events);
    this.isGiving = true;
    yield events;
    this.isGiving = false;
  }

  private report(connection: Connection): void {
    const isSame = connection.state === this.connection?.state && connection.state !== 'waiting';
    this.connection = connection;
    if (!isSame) this.options.onConnection?.(connection);
  }
}
