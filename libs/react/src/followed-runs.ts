import {
  hasEnded,
  initialState,
  RepriseError,
  type Connection,
  type RepriseClient,
  type RunRef,
  type StreamState,
} from '@reprise/client';
import { nextFrame } from './next-frame.js';

/** A run as components see it. A value: it changes only together with its notification. */
export interface RunSnapshot {
  readonly state: StreamState;
  readonly connection: Connection;
  /** Why following stopped before the end of the run. Retried when the next component mounts. */
  readonly error: RepriseError | null;
}

/** What is known about a run that nobody has followed. */
export const unknownRun: RunSnapshot = {
  state: initialState,
  connection: { state: 'connecting' },
  error: null,
};

/** How long a run is followed after its last component has unmounted: most mount again at once, ms. */
const LINGER_MS = 1000;
/** How many runs are remembered after that. */
const REMEMBERED_RUNS = 200;

const stores = new WeakMap<RepriseClient, FollowedRuns>();

/** The runs that the components of one client show: one state and one connection each, however many components. */
export class FollowedRuns {
  private readonly runs = new Map<string, SharedRun>();

  private constructor(private readonly client: RepriseClient) {}

  /** The single store of a client. */
  static of(client: RepriseClient): FollowedRuns {
    const store = stores.get(client) ?? new FollowedRuns(client);
    stores.set(client, store);
    return store;
  }

  /** What is known now. The same object until the next notification. */
  snapshot(messageId: string): RunSnapshot {
    return this.runs.get(messageId)?.snapshot ?? unknownRun;
  }

  /**
   * Follows the run for as long as somebody is subscribed.
   * @param listener called at most once per frame.
   * @returns a function that ends the subscription.
   */
  subscribe(run: RunRef, listener: () => void): () => void {
    const messageId = typeof run === 'string' ? run : run.message_id;
    const shared = this.runs.get(messageId) ?? new SharedRun(this.client, run);
    this.runs.delete(messageId); // to the end: the newest
    this.runs.set(messageId, shared);
    this.forgetOldest();
    return shared.subscribe(listener);
  }

  private forgetOldest(): void {
    for (const [messageId, run] of this.runs) {
      if (this.runs.size <= REMEMBERED_RUNS) return;
      if (run.isIdle) this.runs.delete(messageId);
    }
  }
}

class SharedRun {
  snapshot = unknownRun;
  private latest = unknownRun;
  private isFrameDue = false;
  private readonly listeners = new Set<() => void>();
  private following: AbortController | undefined;
  private lingering: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly client: RepriseClient,
    private readonly run: RunRef,
  ) {}

  get isIdle(): boolean {
    return this.listeners.size === 0 && !this.following;
  }

  subscribe(listener: () => void): () => void {
    const own = (): void => {
      listener();
    };
    clearTimeout(this.lingering);
    if (this.listeners.size === 0) this.start();
    this.listeners.add(own);
    return () => {
      this.listeners.delete(own);
      if (this.listeners.size > 0) return;
      clearTimeout(this.lingering);
      this.lingering = setTimeout(() => this.following?.abort(), LINGER_MS);
    };
  }

  private start(): void {
    if (this.following && !this.following.signal.aborted) return;
    this.following = new AbortController();
    void this.follow(this.following);
  }

  private async follow(own: AbortController): Promise<void> {
    const { signal } = own;
    const onConnection = (connection: Connection): void => {
      if (this.following === own) this.update({ connection });
    };
    if (this.latest.error) this.update({ error: null });
    try {
      const from = this.latest.state;
      for await (const state of this.client.states(this.run, { from, signal, onConnection })) {
        if (!signal.aborted) this.update({ state });
      }
    } catch (error) {
      this.update({ error: toRepriseError(error) });
    } finally {
      if (this.following === own) this.following = undefined;
    }
  }

  private update(change: Partial<RunSnapshot>): void {
    this.latest = { ...this.latest, ...change };
    if (this.isFrameDue) return;
    this.isFrameDue = true;
    nextFrame(() => {
      this.isFrameDue = false;
      this.snapshot = this.latest;
      for (const listener of this.listeners) listener();
    });
  }
}

/** Whether a followed run has more to come. */
export function isGoingOn({ state, error }: RunSnapshot): boolean {
  return error === null && !hasEnded(state);
}

/** Anything that was thrown, as the one kind of error that components know. */
export function toRepriseError(error: unknown): RepriseError {
  if (error instanceof RepriseError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const init = { status: 0, code: 'unexpected', retryable: false };
  return new RepriseError(message, init, { cause: error });
}
