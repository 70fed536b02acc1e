import type { ServerResponse } from 'node:http';
import type { StreamEnd } from '../../platform/telemetry/index.js';
import type { LogCursor } from '../live/cursor.js';
import type { Waiter } from '../live/live-log.js';
import type { Closing, Dialect } from '../dialects/dialect.js';
import type { Span } from './span.js';
import { SseConnection } from './sse-connection.js';

/** What an open stream needs besides its log. */
export interface StreamSetup {
  readonly response: ServerResponse;
  readonly dialect: Dialect;
  /** A client that reads nothing for this long, ms, is disconnected. */
  readonly stallMs: number;
  /** Whether the stream closes after an event, although the log goes on: by the state of the dialect after it. */
  readonly pausesAt?: ((state: unknown) => boolean) | undefined;
  /** Changes all that is sent to this client, whose dialect repeats something of its request. */
  readonly rewrite?: ((frames: string) => string) | undefined;
  /** Called with what stopped the stream; its client is disconnected and resumes by id. */
  readonly onFault: (error: unknown) => void;
}

/** What a log gives to its reader. */
export interface Readable {
  /** Opens a cursor. */
  open(reader: Waiter): LogCursor;
}

/** Where a client starts to read. */
export interface Beginning {
  /** Of the dialect, before the first event that is sent. */
  readonly state: unknown;
  /** Sent before any event. */
  readonly preamble: string;
}

/**
 * `opening`: nothing has been read yet; `closing`: the last frames are yet to be sent; `ending`: the client has them.
 */
type Phase = 'opening' | 'following' | 'closing' | 'ending' | 'over';

/**
 * Writes a log to one client, as far as it exists and as fast as the client reads. It runs when something changes and
 * returns when nothing is left to do, so that a waiting stream is this object and its cursor: no promise and no timer.
 */
export class OpenStream implements Waiter {
  /** Events sent so far. */
  sent = 0;
  private ending: StreamEnd = 'aborted';
  private readonly connection: SseConnection;
  private phase: Phase = 'opening';
  private closing: Closing = 'ended';
  private hint = '';
  private isLookingUp = false;
  private cursor: LogCursor | undefined;
  private state: unknown;
  private preparing: AbortController | undefined;

  constructor(private readonly setup: StreamSetup) {
    this.connection = new SseConnection(setup.response, setup.stallMs, this);
  }

  /** How it ended, once it has. */
  get outcome(): StreamEnd {
    return this.connection.hasStalled ? 'slow' : this.ending;
  }

  /** Sends what belongs to no event. */
  send(text: string): void {
    this.connection.send(text);
  }

  /** Does what has to be done before a stream starts. @returns its result, useless once the signal is aborted */
  async prepare<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.preparing = new AbortController();
    if (this.phase !== 'opening') this.preparing.abort();
    try {
      return await work(this.preparing.signal);
    } finally {
      this.preparing = undefined;
    }
  }

  /** Starts to follow the log; does nothing if the stream is over by now. */
  begin(log: Readable, { state, preamble }: Beginning): void {
    if (this.phase === 'opening') {
      this.connection.send(this.setup.rewrite?.(preamble) ?? preamble);
      this.state = state;
      this.cursor = log.open(this);
      this.phase = 'following';
      if (this.setup.pausesAt?.(state)) this.stopReading('paused');
    }
    this.wake();
  }

  /** See {@link Waiter}: continues as far as that is possible now. */
  wake(): void {
    if (this.phase === 'opening' || (this.phase === 'following' && this.isLookingUp)) return;
    try {
      while (!this.connection.isBehind && this.step());
    } catch (error) {
      this.fail(error);
    }
  }

  /** Sends a heartbeat when one is due. */
  look(): void {
    if (this.phase === 'following' || this.phase === 'opening')
      this.connection.look(this.setup.dialect.heartbeat);
  }

  /** Ends the stream before its log has ended. @param hint sent to the client last, if the dialect has an epilogue */
  interrupt(hint: string): void {
    if (this.phase !== 'opening' && this.phase !== 'following') return;
    const hasBegun = this.phase === 'following';
    this.hint = hint;
    this.stopReading('interrupted');
    // A client that is behind gets it too, after what is waiting for it.
    if (hasBegun && this.step()) this.wake();
  }

  /** The client is gone. */
  leave(): void {
    this.phase = 'over';
    this.preparing?.abort();
    this.connection.close();
    this.releaseCursor();
  }

  /** Disconnects the client, which then resumes by id. */
  fail(error: unknown): void {
    if (this.phase === 'over') return;
    this.setup.onFault(error);
    this.ending = 'error';
    this.leave();
    this.connection.cut();
  }

  /** @returns whether there may be more to do */
  private step(): boolean {
    if (this.phase === 'following') return this.read();
    if (this.phase === 'closing') this.sayLast();
    else if (this.phase === 'ending') {
      this.leave();
      this.connection.end();
    }
    return this.phase !== 'over';
  }

  private read(): boolean {
    const found = this.cursor?.atHand();
    if (found === undefined) void this.lookUp();
    else if (found === 'over') this.stopReading('interrupted');
    else if (found !== 'later') this.write(found);
    return found !== undefined && found !== 'later';
  }

  private write(found: Span): void {
    const span = this.untilPause(found);
    const { chunk, state } = span.in(this.setup.dialect, this.state);
    this.state = state;
    this.cursor?.pass(span);
    const { rewrite } = this.setup;
    this.connection.send(rewrite ? rewrite(chunk.bytes.toString()) : chunk);
    this.sent += span.frames.length;
    if (span.isEnd) this.stopReading('ended');
    else if (this.setup.pausesAt?.(state)) this.stopReading('paused');
  }

  /** The events up to the first one after which the stream closes. */
  private untilPause(span: Span): Span {
    const { dialect, pausesAt } = this.setup;
    if (!pausesAt) return span;
    let state = this.state;
    for (const frame of span.frames) {
      ({ state } = frame.in(dialect, state));
      if (pausesAt(state)) return span.endingBefore(frame.seq + 1);
    }
    return span;
  }

  private async lookUp(): Promise<void> {
    this.isLookingUp = true;
    try {
      const found = await this.cursor?.lookUp();
      if (this.phase !== 'following') return; // interrupted meanwhile, or the client is gone
      if (found === 'over') this.stopReading('interrupted');
      else if (found && found !== 'later') this.write(found);
    } catch (error) {
      if (this.phase === 'following') this.fail(error);
    } finally {
      this.isLookingUp = false;
    }
    this.wake();
  }

  private sayLast(): void {
    const last = this.setup.dialect.epilogue(this.closing, this.state);
    this.ending = this.closing === 'interrupted' ? 'interrupted' : 'completed';
    if (last === undefined) {
      this.leave();
      this.connection.cut();
      return;
    }
    this.connection.send((this.setup.rewrite?.(last) ?? last) + this.hint);
    this.phase = 'ending';
  }

  private stopReading(closing: Closing): void {
    this.closing = closing;
    this.phase = 'closing';
    this.preparing?.abort();
    this.releaseCursor();
  }

  private releaseCursor(): void {
    this.cursor?.close();
    this.cursor = undefined;
  }
}
