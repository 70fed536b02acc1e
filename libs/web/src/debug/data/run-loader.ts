import {
  RepriseError,
  type Connection,
  type MessageWithRun,
  type RepriseClient,
  type StreamEvent,
} from '@reprise/client';
import { extendRows, type Row } from '../model/rows.js';

/** A run whose log can be shown. */
export interface LoadedRun {
  readonly phase: 'ready';
  readonly message: MessageWithRun;
  readonly rows: readonly Row[];
  /** No event will follow. */
  readonly hasEnded: boolean;
  /** For an active run; null if nothing is followed. */
  readonly connection: Connection | null;
}

/** What is known about a run so far. `answer`: the id is that of an answer; its question has the run. */
export type RunState =
  | { readonly phase: 'loading' }
  | { readonly phase: 'failed'; readonly error: RepriseError }
  | { readonly phase: 'answer'; readonly questionId: string | null }
  | { readonly phase: 'expired'; readonly message: MessageWithRun }
  | LoadedRun;

type Client = Pick<RepriseClient, 'getMessage' | 'listEvents' | 'follow'>;

/** New events are batched for this long, ms: the page cannot be drawn for each. */
const GATHER_MS = 40;

/** Loads a run with its log, and follows it while it is active. */
export class RunLoader {
  private state: RunState = { phase: 'loading' };
  private readonly listeners = new Set<() => void>();
  private abort = new AbortController();
  private waiting: StreamEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly client: Client,
    private readonly messageId: string,
  ) {}

  /** The same object until something changes. */
  readonly snapshot = (): RunState => this.state;

  /** @returns a function that stops listening. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Starts, or starts again. Failures are states, too. @returns a function that stops it. */
  open(): () => void {
    const abort = new AbortController();
    this.abort = abort;
    this.set({ phase: 'loading' });
    this.work(abort.signal).catch((error: unknown) => {
      if (!abort.signal.aborted) this.set({ phase: 'failed', error: asError(error) });
    });
    return () => {
      abort.abort();
      clearTimeout(this.timer);
      this.timer = undefined;
      this.waiting = [];
    };
  }

  private async work(signal: AbortSignal): Promise<void> {
    const loadingEvents = this.client.listEvents(this.messageId, { signal });
    loadingEvents.catch(() => undefined); // the message tells better what is wrong
    const message = await this.client.getMessage(this.messageId, { signal });
    if (message.run === null) {
      const { reply_to: questionId } = message.metadata;
      this.set({ phase: 'answer', questionId: typeof questionId === 'string' ? questionId : null });
      return;
    }
    const events = await loadingEvents.catch(expiredAsNull);
    signal.throwIfAborted();
    if (events === null) {
      this.set({ phase: 'expired', message });
      return;
    }
    const ended = events.at(-1)?.type === 'end';
    const rows = extendRows([], events);
    this.set({ phase: 'ready', message, rows, hasEnded: ended, connection: null });
    if (!ended) await this.follow(events.at(-1)?.id ?? null, signal);
  }

  private async follow(after: string | null, signal: AbortSignal): Promise<void> {
    const onConnection = (connection: Connection): void => {
      if (!signal.aborted) this.change({ connection });
    };
    for await (const event of this.client.follow(this.messageId, { after, signal, onConnection })) {
      this.waiting.push(event);
      this.timer ??= setTimeout(this.flush, GATHER_MS);
    }
    if (signal.aborted) return;
    this.flush();
    this.change({
      hasEnded: true,
      connection: null,
      message: await this.client.getMessage(this.messageId, { signal }),
    });
  }

  private readonly flush = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    const events = this.waiting;
    this.waiting = [];
    if (this.state.phase !== 'ready' || events.length === 0) return;
    const rows = extendRows(this.state.rows, events);
    const ended = events.at(-1)?.type === 'end';
    this.change({ rows, message: begun(this.state.message, events), ...(ended && { hasEnded: true }) });
  };

  private change(change: Partial<Omit<LoadedRun, 'phase'>>): void {
    if (this.state.phase === 'ready') this.set({ ...this.state, ...change });
  }

  private set(state: RunState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

/** The message as it must be by now, so that a waiting component need not refetch it when its run starts. */
function begun(message: MessageWithRun, events: readonly StreamEvent[]): MessageWithRun {
  const [first] = events;
  const { run } = message;
  if (run?.status !== 'pending' || !first) return message;
  return { ...message, status: 'processing', run: { ...run, status: 'processing', started_at: first.ts } };
}

function expiredAsNull(error: unknown): null {
  if (error instanceof RepriseError && error.code === 'events_expired') return null;
  throw error;
}

function asError(error: unknown): RepriseError {
  if (error instanceof RepriseError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new RepriseError(message, { status: 0, code: 'page_failed', retryable: true });
}
