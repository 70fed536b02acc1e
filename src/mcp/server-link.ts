import { LATE, pause, withTimeout } from '../common/index.js';
import { Log } from '../platform/logging/index.js';
import {
  ConnectionFailure,
  type Connection,
  type ConnectionEvents,
  type ListedTools,
} from './connections/connection.js';

/** How often a connection is checked, ms. */
const CHECK_MS = 30_000;
/** Waits before a new attempt: 0.5 s, doubled, at most 30 s; by up to a fifth shorter, so that many do not meet. */
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [500, 30_000];
/** A connection that lived this long was a good one, ms. */
const STABLE_MS = 10_000;
/** Calls that wait for a connection bring an attempt forward, but not closer than this to the last one, ms. */
const WAKE_MS = 500;

/** What a link needs of its owner. */
export interface LinkMeans {
  open(events: ConnectionEvents, signal: AbortSignal): Promise<Connection>;
  /** The server has listed its tools, for the first time or again. */
  listed(tools: ListedTools): void;
}

/** Keeps one server connected: opens a connection, reads its tools, and opens another one when it is lost. */
export class ServerLink {
  private readonly log = new Log('Mcp');
  private readonly stopping = new AbortController();
  private connection: Connection | undefined;
  private lastFailure: string | undefined;
  private readonly arrivals = new Set<() => void>();
  private hurry: () => void = () => undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly name: string,
    private readonly means: LinkMeans,
  ) {}

  /** Whether there is a connection, and else why not. */
  get state(): { status: 'connected' | 'connecting' | 'unavailable'; reason?: string } {
    if (this.connection) return { status: 'connected' };
    if (this.lastFailure === undefined) return { status: 'connecting' };
    return { status: 'unavailable', reason: this.lastFailure };
  }

  /** Begins to connect, and goes on until {@link stop}. */
  start(): void {
    this.running = this.keepConnected();
  }

  /** The connection; `undefined` if there is none within `ms`. */
  async connected(ms: number): Promise<Connection | undefined> {
    if (this.connection) return this.connection;
    let arrive: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    this.arrivals.add(arrive);
    this.hurry();
    const outcome = await withTimeout(arrived, ms);
    this.arrivals.delete(arrive);
    return outcome === LATE ? undefined : this.connection;
  }

  /** The connection has turned out to be of no use; another one may be there already. */
  drop(connection: Connection): void {
    if (this.connection === connection) this.connection = undefined;
  }

  /** Closes the connection; takes a few seconds at most. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async keepConnected(): Promise<void> {
    const { signal } = this.stopping;
    let failures = 0;
    while (!signal.aborted) {
      const since = performance.now();
      const wasConnected = await this.connectOnce();
      failures = wasConnected && performance.now() - since > STABLE_MS ? 1 : failures + 1;
      // The first loss of a connection is no reason to wait.
      await this.rest(wasConnected && failures === 1 ? 0 : waitAfter(failures));
    }
  }

  /** One connection, from its beginning to its end. @returns whether there was one. */
  private async connectOnce(): Promise<boolean> {
    const { signal } = this.stopping;
    let connection: Connection | undefined;
    let wasConnected = false;
    try {
      const relist = coalesced(() => this.relist(connection));
      connection = await this.means.open({ toolsChanged: relist }, signal);
      this.means.listed(await connection.list());
      wasConnected = true;
      this.arrive(connection);
      this.leave(await this.watch(connection));
    } catch (error) {
      this.leave(error);
    } finally {
      this.connection = undefined;
      if (signal.aborted) await connection?.close();
      else connection?.release();
    }
    return wasConnected;
  }

  private arrive(connection: Connection): void {
    this.connection = connection;
    this.lastFailure = undefined;
    this.log.info('An MCP server is connected', { server: this.name });
    for (const arrived of this.arrivals) arrived();
  }

  private leave(failure: unknown): void {
    if (this.stopping.signal.aborted) return;
    const reason = failure instanceof ConnectionFailure ? failure.message : 'it failed unexpectedly';
    if (!(failure instanceof ConnectionFailure))
      this.log.error('An MCP server failed unexpectedly', { server: this.name, err: failure });
    else if (reason !== this.lastFailure)
      this.log.warn('An MCP server is not available', { server: this.name, reason });
    this.lastFailure = reason;
  }

  private async relist(connection: Connection | undefined): Promise<void> {
    try {
      if (connection) this.means.listed(await connection.list());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.log.warn('The changed tools of an MCP server could not be read', { server: this.name, reason });
    }
  }

  /** Until the connection is lost. @throws the reason when this link is stopped. */
  private async watch(connection: Connection): Promise<ConnectionFailure> {
    const over = new AbortController();
    const end = AbortSignal.any([this.stopping.signal, over.signal]);
    const stopped = new Promise<never>((_resolve, reject) => {
      const stop = (): void => {
        reject(new Error('stopped'));
      };
      this.stopping.signal.addEventListener('abort', stop, { signal: over.signal });
    });
    void keepChecking(connection, end);
    try {
      return await Promise.race([connection.lost, stopped]);
    } finally {
      over.abort();
    }
  }

  private async rest(ms: number): Promise<void> {
    const shorten = new AbortController();
    const earliest = performance.now() + Math.min(ms, WAKE_MS);
    this.hurry = () => {
      setTimeout(() => {
        shorten.abort();
      }, earliest - performance.now());
    };
    if (this.arrivals.size > 0) this.hurry();
    await pause(ms, AbortSignal.any([this.stopping.signal, shorten.signal]));
    this.hurry = () => undefined;
  }
}

async function keepChecking(connection: Connection, end: AbortSignal): Promise<void> {
  for (;;) {
    await pause(CHECK_MS, end);
    if (end.aborted) return;
    await connection.check();
  }
}

function waitAfter(failures: number): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 10));
  return longest * (1 - Math.random() / 5);
}

/** Runs the work again if it was asked for while it ran; never twice at a time. */
function coalesced(work: () => Promise<void>): () => void {
  let asked = 0;
  const run = async (): Promise<void> => {
    for (let done = 0; done < asked;) {
      done = asked;
      await work();
    }
    asked = 0;
  };
  return () => {
    if (++asked === 1) void run();
  };
}
