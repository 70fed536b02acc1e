import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { EMPTY, type Observable } from 'rxjs';
import { Clock, withTimeout, type Permission } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { Log } from '../../platform/logging/index.js';
import { Metrics } from '../../platform/telemetry/index.js';
import type { LogCursor } from '../live/cursor.js';
import type { Waiter } from '../live/live-log.js';
import type { Dialect } from '../dialects/dialect.js';
import { ClosingConnections } from './closing-connections.js';
import { takeOverResponse } from './nest-response.js';
import { LimitedStreams } from './limited-streams.js';
import { OpenStream } from './open-stream.js';
import type { Span } from './span.js';
import { LOOKS_PER_HEARTBEAT } from './sse-connection.js';
import { stateAt } from '../dialects/state-at.js';
import { StreamPlaces, type StreamPlace } from './stream-places.js';

/** The part of a log that a client has not seen, as opened by `LogAccess`. */
export interface Unread {
  readonly messageId: string;
  /** Who answers the message. */
  readonly agent?: string | undefined;
  /** First `seq` not seen. */
  readonly from: number;
  /** Nothing is left to read, now or later. */
  readonly ended: boolean;
  /** How long it may be read; missing: without limit. */
  readonly permission?: Permission | undefined;
  /** Opens a cursor at `from`. */
  open(reader: Waiter): LogCursor;
  /** Reads from `seq` on, until the signal aborts. */
  follow(seq: number, signal: AbortSignal): AsyncIterable<Span>;
}

/** What one client reads, and how. */
export interface Subscription {
  log: Unread;
  dialect: Dialect;
  response: ServerResponse;
  /** Reserved before; otherwise one is reserved now. */
  place?: StreamPlace | undefined;
  /**
   * Whether the stream closes after an event, with the dialect's epilogue for a pause, although the log goes on: by the
   * state of the dialect after that event, or before the first one.
   */
  pausesAt?: ((state: unknown) => boolean) | undefined;
  /**
   * Changes all frames that are sent to this client, if its dialect repeats something of its request. The frames that
   * are given to it are shared by all clients.
   */
  rewrite?: ((frames: string) => string) | undefined;
  /** What is sent first, by the state of the dialect there; default: the dialect's preamble, if the client resumes. */
  beginning?: ((state: unknown) => string) | undefined;
}

/** When a server shuts down, its clients reconnect spread over this much time. */
const MOVE_SPREAD_MS = 2000;
/** The longest wait for the hint to reach them: clients that read nothing reconnect without it. */
const MOVE_LIMIT_MS = 2000;

/** Writes spans to clients: all clients that read a span share its bytes (docs/decisions/003). */
@Injectable()
export class StreamTransport implements BeforeApplicationShutdown {
  private readonly logger = new Log(StreamTransport.name);
  private readonly streams = new Map<OpenStream, ServerResponse>();
  /** One clock for all streams; it stops while there are none. */
  private clock: NodeJS.Timeout | undefined;
  private moving = false;
  /** Streams that may not last until their log ends. */
  private readonly limited = new LimitedStreams();
  private readonly connections = new ClosingConnections();

  constructor(
    private readonly places: StreamPlaces,
    private readonly settings: Settings,
    private readonly time: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** Streams open now. */
  get active(): number {
    return this.streams.size;
  }

  /**
   * Serves an `@Sse()` route with a stream, or with 204 if the client has seen all of it. Return the result from the
   * handler; the stream continues until the log ends or the client is gone.
   * @throws AppError 503 `too_many_streams`, 429 `too_many_streams_of_message`, before any header is sent.
   */
  open({ log, dialect, response, place, pausesAt, rewrite, beginning }: Subscription): Observable<never> {
    if (log.ended) {
      place?.release();
      response.writeHead(204).end();
      return EMPTY;
    }
    const taken = place ?? this.places.reserve();
    taken.assign(log.messageId);
    const stream = new OpenStream({
      response,
      dialect,
      stallMs: this.settings.STREAM_STALL_MS,
      pausesAt,
      rewrite,
      onFault: (error) => {
        this.report(error, log.messageId);
      },
    });
    this.register(stream, response, { place: taken, agent: log.agent ?? '' });
    if (log.permission && this.streams.has(stream)) this.limited.add(stream, log.permission);
    const headers = { ...dialect.headers, 'X-Heartbeat-Ms': String(this.settings.STREAM_HEARTBEAT_MS) };
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    return takeOverResponse(response, (error) => {
      if (error) this.abandon(error, response, log.messageId);
      else if (response.req.method === 'HEAD') response.end();
      else void this.serve(stream, { log, dialect, beginning });
    });
  }

  /** Ends every stream with a hint when to reconnect: clients resume by id on another process, or on the next one. */
  async beforeApplicationShutdown(): Promise<void> {
    this.moving = true;
    const closed = [...this.streams.values()].map(isClosed);
    for (const stream of this.streams.keys()) stream.interrupt(this.movedHint());
    await withTimeout(Promise.all(closed), MOVE_LIMIT_MS);
  }

  private report(error: unknown, message_id: string): void {
    this.logger.error('a stream ended early; its client resumes by id', { err: error, message_id });
  }

  /** Counts a stream until its response is closed. */
  private register(
    stream: OpenStream,
    response: ServerResponse,
    { place, agent }: { place: StreamPlace; agent: string },
  ): void {
    const { socket } = response.req;
    if (response.closed || socket.destroyed) {
      place.release();
      stream.leave();
      return;
    }
    const session = this.metrics.streams.of(agent);
    const begun = performance.now();
    session.begin();
    this.streams.set(stream, response);
    this.clock ??= this.startClock();
    const onClose = (): void => {
      this.connections.forget(socket, onClose);
      place.release();
      stream.leave();
      if (this.forget(stream)) session.end(stream.outcome, (performance.now() - begun) / 1000, stream.sent);
    };
    // `once` would keep three more objects as long as the stream is open, and it may be called twice.
    response.on('close', onClose);
    // A response that waits for another one on its connection is not told when that connection closes.
    if (response.socket === null) this.connections.onClose(socket, onClose);
  }

  /** @returns false if that has happened before: it may be called twice. */
  private forget(stream: OpenStream): boolean {
    const wasOpen = this.streams.delete(stream);
    this.limited.delete(stream);
    if (this.streams.size > 0) return wasOpen;
    clearInterval(this.clock);
    this.clock = undefined;
    return wasOpen;
  }

  private startClock(): NodeJS.Timeout {
    const clock = setInterval(() => {
      for (const stream of this.streams.keys()) stream.look();
      this.limited.check(this.time.now(), `retry: ${this.settings.STREAM_RETRY_MS}\n\n`);
    }, this.settings.STREAM_HEARTBEAT_MS / LOOKS_PER_HEARTBEAT);
    return clock.unref();
  }

  private abandon(error: Error, response: ServerResponse, message_id: string): void {
    this.logger.error('a stream could not be served', { err: error, message_id });
    response.destroy();
  }

  private async serve(
    stream: OpenStream,
    { log, dialect, beginning }: Pick<Subscription, 'log' | 'dialect' | 'beginning'>,
  ): Promise<void> {
    try {
      stream.send(`retry: ${this.settings.STREAM_RETRY_MS}\n\n`);
      let state = dialect.initial;
      if (log.from > 0 && dialect.stateful)
        state = await stream.prepare((signal) => stateAt(dialect, log.from, log.follow(0, signal)));
      if (this.moving) stream.interrupt(this.movedHint());
      const preamble = log.from > 0 ? dialect.preamble(state) : '';
      stream.begin(log, { state, preamble: beginning?.(state) ?? preamble });
    } catch (error) {
      stream.fail(error);
    }
  }

  private movedHint(): string {
    return `retry: ${this.settings.STREAM_RETRY_MS + spread()}\n\n`;
  }
}

const spread = (): number => Math.round(Math.random() * MOVE_SPREAD_MS);

const isClosed = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    response.once('close', resolve);
  });
