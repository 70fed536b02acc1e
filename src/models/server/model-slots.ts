import PQueue from 'p-queue';

/** How a request went, as far as it matters for the number of requests that the server accepts at a time. */
export type SlotResult =
  | 'done'
  /** It said, or showed, that it was overloaded. */
  | 'busy'
  /** Neither: cancelled, rejected, cut off. */
  | 'other';

/** Permission to send a request. */
export interface Slot {
  release(result: SlotResult): void;
}

/** Answered requests at the current limit, times the limit, after which one more is tried. */
const GROWTH = 2;

/**
 * How many requests one process has in flight at one model endpoint, and which one is next: in order of arrival. With
 * `auto` there is no limit until the server says that it is overloaded; the limit then drops to half of the requests
 * in flight, and slowly rises again as long as requests are answered.
 */
export class ModelSlots {
  private readonly queue: PQueue;
  /** Number of arrivals. */
  private readonly waiting = new Set<number>();
  private arrivals = 0;
  private answered = 0;
  /** Requests that started before this number belong to the burst that was already slowed down. */
  private epoch = 0;
  private begun = 0;
  private most = 0;
  private ceiling = Infinity;

  /** @param setting MODEL_CONCURRENCY: a fixed number, or `auto`. */
  constructor(readonly setting: number | 'auto') {
    this.queue = new PQueue({ concurrency: setting === 'auto' ? Infinity : setting });
  }

  /** Maximum number of requests in flight. */
  get limit(): number {
    return this.queue.concurrency;
  }

  /** Requests in flight. */
  get busy(): number {
    return this.queue.pending;
  }

  /** A number for a request that arrives now. */
  arrive(): number {
    return ++this.arrivals;
  }

  /** The server reported how many requests it works on at a time; more would only wait there, invisibly. */
  told(slots: number): void {
    if (this.setting !== 'auto') return;
    this.ceiling = slots;
    this.queue.concurrency = Math.min(this.queue.concurrency, slots);
  }

  /** Whether a request that arrives now has to wait. */
  get full(): boolean {
    return this.queue.pending >= this.queue.concurrency || this.queue.size > 0;
  }

  /**
   * Waits for a slot.
   * @param arrival from {@link arrive}; a retried request keeps its number, and its place.
   * @throws the signal's reason when aborted; the place is then free at once.
   */
  async take(arrival: number, signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted();
    this.waiting.add(arrival);
    try {
      return await new Promise<Slot>((resolve, reject) => {
        const held = (): Promise<void> =>
          new Promise((free) => {
            resolve(this.begin(free));
          });
        // `signal` takes it out of the queue; once started it is released like any other.
        this.queue.add(held, { priority: -arrival, signal }).catch(reject);
      });
    } finally {
      this.waiting.delete(arrival);
    }
  }

  /**
   * How many requests a waiting one has to wait for: those waiting before it, and the one whose slot it gets.
   * `undefined`: it is not waiting.
   */
  ahead(arrival: number): number | undefined {
    if (!this.waiting.has(arrival)) return undefined;
    return [...this.waiting].filter((other) => other < arrival).length + 1;
  }

  private begin(free: () => void): Slot {
    const number = ++this.begun;
    this.most = Math.max(this.most, this.queue.pending);
    let open = true;
    return {
      release: (result) => {
        if (!open) return;
        open = false;
        if (this.setting === 'auto') this.learn(result, number);
        free();
      },
    };
  }

  private learn(result: SlotResult, number: number): void {
    if (result === 'busy' && number > this.epoch) this.slowDown();
    else if (result === 'done' && Number.isFinite(this.limit)) this.speedUp();
  }

  private slowDown(): void {
    this.queue.concurrency = Math.max(1, Math.floor(this.queue.pending / 2));
    this.epoch = this.begun;
    this.answered = 0;
  }

  private speedUp(): void {
    if (++this.answered < this.limit * GROWTH) return;
    this.answered = 0;
    // More than were ever in flight at once: there is nothing left to limit.
    const next = this.limit + 1 > this.most ? Infinity : this.limit + 1;
    this.queue.concurrency = Math.min(next, this.ceiling);
  }
}
