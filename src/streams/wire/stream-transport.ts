import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { EMPTY, type Observable } from 'rxjs';
import { withTimeout } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { Log } from '../../platform/logging/index.js';
import type { Dialect } from './dialect.js';
import { takeOverResponse } from './nest-response.js';
import type { Span } from './span.js';
import { SseConnection } from './sse-connection.js';
import { stateAt } from './state-at.js';
import { StreamPlaces, type StreamPlace } from './stream-places.js';

/** The part of a log that a client has not seen, as `LogAccess` opens it. */
export interface Unread {
  readonly messageId: string;
  /** First `seq` not seen. */
  readonly from: number;
  /** Nothing is left to read, now or later. */
  readonly ended: boolean;
  /** Opens the cursor; the signal aborts when the client is gone or is to reconnect. */
  follow(seq: number, signal: AbortSignal): AsyncIterable<Span>;
}

/** What one client reads, and how. */
export interface Subscription {
  log: Unread;
  dialect: Dialect;
  response: ServerResponse;
  /** Reserved before; else one is taken now. */
  place?: StreamPlace;
}

/** The clients of a server that shuts down reconnect spread over this much time. */
const MOVE_SPREAD_MS = 2000;
/** Longest wait for the hint to reach them: those who read nothing reconnect without it. */
const MOVE_LIMIT_MS = 2000;

/** Writes spans to clients: the bytes of a span are shared by everyone who reads it (docs/decisions/003). */
@Injectable()
export class StreamTransport implements BeforeApplicationShutdown {
  private readonly logger = new Log(StreamTransport.name);
  private readonly streams = new Map<AbortController, ServerResponse>();
  private moving = false;

  constructor(
    private readonly places: StreamPlaces,
    private readonly settings: Settings,
  ) {}

  /** Streams open now. */
  get active(): number {
    return this.streams.size;
  }

  /**
   * Answers an `@Sse()` route with a stream, or with 204 when the client has seen all of it. Return the result from the
   * handler; the stream goes on until the log ends or the client is gone.
   * @throws AppError 503 `too_many_streams`, 429 `too_many_streams_of_message`, before any header is sent.
   */
  open({ log, dialect, response, place }: Subscription): Observable<never> {
    if (log.ended) {
      place?.release();
      response.writeHead(204).end();
      return EMPTY;
    }
    const taken = place ?? this.places.reserve();
    taken.assign(log.messageId);
    const signal = this.register(response, taken);
    const headers = { ...dialect.headers, 'X-Heartbeat-Ms': String(this.settings.STREAM_HEARTBEAT_MS) };
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    return takeOverResponse(response, (error) => {
      if (error) this.abandon(error, response);
      else if (response.req.method === 'HEAD') response.end();
      else void this.serve({ log, dialect, response }, signal);
    });
  }

  /** Ends every stream with a hint when to reconnect: another process, or the next one, resumes by id. */
  async beforeApplicationShutdown(): Promise<void> {
    this.moving = true;
    const closed = [...this.streams.values()].map(isClosed);
    for (const stream of this.streams.keys()) stream.abort();
    await withTimeout(Promise.all(closed), MOVE_LIMIT_MS);
  }

  /** Counts a stream until its response is closed. @returns what aborts when the stream is over, or is to end */
  private register(response: ServerResponse, place: StreamPlace): AbortSignal {
    const stream = new AbortController();
    if (response.closed) {
      place.release();
      stream.abort();
      return stream.signal;
    }
    this.streams.set(stream, response);
    response.once('close', () => {
      this.streams.delete(stream);
      place.release();
      stream.abort();
    });
    return stream.signal;
  }

  private abandon(error: Error, response: ServerResponse): void {
    this.logger.error('a stream could not be served', { err: error });
    response.destroy();
  }

  private async serve(subscription: Subscription, signal: AbortSignal): Promise<void> {
    const { response } = subscription;
    try {
      await this.pump(subscription, signal);
      response.end();
    } catch (error) {
      this.logger.error('a stream ended early; its client resumes by id', { err: error });
      response.destroy();
    }
  }

  private async pump({ log, dialect, response }: Subscription, signal: AbortSignal): Promise<void> {
    if (response.closed) return;
    const {
      STREAM_HEARTBEAT_MS: heartbeatMs,
      STREAM_STALL_MS: stallMs,
      STREAM_RETRY_MS: retry,
    } = this.settings;
    const { heartbeat } = dialect;
    const connection = new SseConnection(response, { heartbeat, heartbeatMs, stallMs });
    signal.addEventListener('abort', connection.close);
    try {
      await connection.send(`retry: ${retry}\n\n`);
      const complete = await write({ log, dialect }, connection, signal);
      const last = dialect.epilogue(complete ? 'ended' : 'interrupted');
      if (last === undefined) response.destroy();
      else await connection.send(this.moving ? `${last}retry: ${retry + spread()}\n\n` : last);
    } finally {
      connection.close();
    }
  }
}

/** Writes what the client has not seen. @returns whether that was the whole rest of the log */
async function write(
  { log, dialect }: Pick<Subscription, 'log' | 'dialect'>,
  connection: SseConnection,
  signal: AbortSignal,
): Promise<boolean> {
  let state = dialect.initial;
  if (log.from > 0) {
    if (dialect.stateful) state = await stateAt(dialect, log.from, log.follow(0, signal));
    await connection.send(dialect.preamble(state));
  }
  for await (const span of log.follow(log.from, signal)) {
    const encoded = span.in(dialect, state);
    await connection.send(encoded.bytes);
    if (span.isEnd) return true;
    ({ state } = encoded);
  }
  return false;
}

const spread = (): number => Math.round(Math.random() * MOVE_SPREAD_MS);

const isClosed = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    response.once('close', resolve);
  });
