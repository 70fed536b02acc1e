import { indexAt } from './rows.js';

/** Playback speed relative to the original. */
export const SPEEDS = [0.25, 1, 2, 5, 10, 50] as const;
export type Speed = (typeof SPEEDS)[number];

/** The position of a replay. */
export interface Playhead {
  /** The newest event that has happened; -1 for an empty log. */
  readonly index: number;
  /** ms since the first event. */
  readonly offset: number;
  readonly isPlaying: boolean;
  readonly speed: Speed;
  /** Long silences are skipped quickly. */
  readonly skipsIdle: boolean;
  /** Stays at the newest event of a growing log. */
  readonly isLive: boolean;
}

/** A silence longer than this is idle time, ms. */
export const IDLE_MS = 1000;
/** How long idle time is shown when it is skipped, ms. */
const IDLE_SHOWN_MS = 300;

/** Plays, steps and seeks through a log. Knows neither clock nor page: the code that draws calls {@link advance}. */
export class Player {
  private head: Playhead = {
    index: -1,
    offset: 0,
    isPlaying: false,
    speed: 1,
    skipsIdle: true,
    isLive: false,
  };
  private offsets: readonly number[] = [];
  private readonly listeners = new Set<() => void>();

  /** The same object until something changes. */
  readonly snapshot = (): Playhead => this.head;

  /** @returns a function that stops listening. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Number of events. */
  get length(): number {
    return this.offsets.length;
  }

  /** When the last event happened, ms since the first. */
  get duration(): number {
    return this.offsets.at(-1) ?? 0;
  }

  /** Takes the times of a log (ascending), or of the same log after it has grown. */
  extend(offsets: readonly number[]): void {
    this.offsets = offsets;
    if (this.head.isLive || this.head.index < 0) this.moveTo(offsets.length - 1, {});
  }

  /** Jumps to an event. Stops playback and leaves the live end. */
  readonly seek = (index: number): void => {
    this.moveTo(index, { isPlaying: false, isLive: false });
  };

  /** Jumps to a time, possibly between two events. Keeps playing if it plays. */
  readonly seekTime = (offset: number): void => {
    const within = Math.min(Math.max(offset, 0), this.duration);
    this.set({
      index: Math.max(indexAt(this.offsets, within), Math.min(0, this.length - 1)),
      offset: within,
      isLive: false,
    });
  };

  readonly step = (by: number): void => {
    this.seek(this.head.index + by);
  };

  readonly toggle = (): void => {
    if (this.head.isPlaying) this.pause();
    else this.play();
  };

  /** Plays from the current position; from the beginning if it is at the end. */
  readonly play = (): void => {
    if (this.length === 0) return;
    if (this.head.index >= this.length - 1) this.moveTo(0, {});
    this.set({ isPlaying: true, isLive: false });
  };

  readonly pause = (): void => {
    this.set({ isPlaying: false });
  };

  readonly setSpeed = (speed: Speed): void => {
    this.set({ speed });
  };

  readonly setSkipsIdle = (skipsIdle: boolean): void => {
    this.set({ skipsIdle });
  };

  readonly setLive = (isLive: boolean): void => {
    if (isLive) this.moveTo(this.length - 1, { isLive, isPlaying: false });
    else this.set({ isLive });
  };

  /** Advances by this many ms of the viewer's time. Stops at the last event. */
  advance(ms: number): void {
    if (!this.head.isPlaying) return;
    let { index, offset } = this.head;
    let left = ms;
    while (index < this.length - 1) {
      const next = this.offsets[index + 1] ?? offset;
      const rate = this.rateWithin(index, next);
      const needed = (next - offset) / rate;
      if (needed > left) {
        offset += left * rate;
        break;
      }
      left -= needed;
      offset = next;
      index++;
    }
    this.set({ index, offset, isPlaying: index < this.length - 1 });
  }

  /** ms of the run per ms of viewing, in the silence after an event. */
  private rateWithin(index: number, next: number): number {
    const { speed, skipsIdle } = this.head;
    const gap = next - (this.offsets[index] ?? 0);
    return skipsIdle && gap > IDLE_MS ? Math.max(speed, gap / IDLE_SHOWN_MS) : speed;
  }

  private moveTo(index: number, how: Partial<Playhead>): void {
    const within = Math.min(Math.max(index, Math.min(0, this.length - 1)), this.length - 1);
    this.set({ ...how, index: within, offset: this.offsets[within] ?? 0 });
  }

  private set(change: Partial<Playhead>): void {
    const next = { ...this.head, ...change };
    const isSame = (Object.keys(change) as (keyof Playhead)[]).every((key) => next[key] === this.head[key]);
    if (isSame) return;
    this.head = next;
    for (const listener of this.listeners) listener();
  }
}
