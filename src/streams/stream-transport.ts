import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import type { Dialect } from './dialects/index.js';
import type { Span } from './span.js';
import { SseConnection } from './sse-connection.js';

/** What one subscriber wants to read, and how. */
export interface Subscription {
  messageId: string;
  /** Opens the cursor; the signal aborts when the subscriber is gone or let go. */
  follow: (signal: AbortSignal) => AsyncIterable<Span>;
  dialect: Dialect;
  response: ServerResponse;
}

/** Clients of a server that goes away come back spread over this much time. */
const MOVE_SPREAD_MS = 2000;
/** Longest wait for the hint to reach them: those who read nothing come back without it. */
const MOVE_LIMIT_MS = 2000;

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no', // nginx passes each frame on at once
};

/** Writes spans to subscribers: the bytes of a span are shared by all who read it (docs/decisions/003). */
@Injectable()
export class StreamTransport implements BeforeApplicationShutdown {
  private readonly logger = new Logger(StreamTransport.name);
  private readonly streams = new Map<AbortController, ServerResponse>();
  private readonly perMessage = new Map<string, number>();
  private moving = false;

  constructor(private readonly settings: Settings) {}

  /** Streams open now. */
  get active(): number {
    return this.streams.size;
  }

  /**
   * Answers with a stream, and returns at once: it goes on until the log ends or the client is gone.
   * @throws AppError 503 `too_many_streams`, 429 `too_many_streams_of_message`, before any header is sent.
   */
  open(subscription: Subscription): void {
    this.admit(subscription.messageId);
    const { response } = subscription;
    const signal = this.register(subscription);
    response.writeHead(200, HEADERS);
    if (response.req.method === 'HEAD') response.end();
    else void this.serve(subscription, signal);
  }

  /** Lets every client go, with a hint when to come back: another process, or the next one, resumes by id. */
  async beforeApplicationShutdown(): Promise<void> {
    this.moving = true;
    const closed = [...this.streams.values()].map(isClosed);
    for (const stream of this.streams.keys()) stream.abort();
    const timeUp = new AbortController();
    const limit = delay(MOVE_LIMIT_MS, undefined, timeUp).catch(() => undefined);
    await Promise.race([Promise.all(closed), limit]);
    timeUp.abort();
  }

  private admit(messageId: string): void {
    if (this.streams.size >= this.settings.STREAMS_MAX) {
      const detail = 'This server has as many streams as it may have.';
      throw new AppError({ status: 503, code: 'too_many_streams', detail, retryAfter: 5 });
    }
    if ((this.perMessage.get(messageId) ?? 0) < this.settings.STREAMS_MAX_PER_MESSAGE) return;
    const detail = 'This message has as many streams as it may have.';
    throw new AppError({
      status: 429,
      code: 'too_many_streams_of_message',
      detail,
      retryable: true,
      retryAfter: 5,
    });
  }

  /** Counts a stream until its response is closed. @returns what aborts when it is over, or shall be. */
  private register({ messageId, response }: Subscription): AbortSignal {
    const stream = new AbortController();
    if (response.closed) {
      stream.abort();
      return stream.signal;
    }
    this.streams.set(stream, response);
    this.perMessage.set(messageId, (this.perMessage.get(messageId) ?? 0) + 1);
    response.once('close', () => {
      this.streams.delete(stream);
      const left = (this.perMessage.get(messageId) ?? 1) - 1;
      if (left > 0) this.perMessage.set(messageId, left);
      else this.perMessage.delete(messageId);
      stream.abort();
    });
    return stream.signal;
  }

  private async serve(subscription: Subscription, signal: AbortSignal): Promise<void> {
    try {
      await this.pump(subscription, signal);
    } catch (error) {
      this.logger.error(error, 'a stream ended early; its client resumes by id');
    } finally {
      subscription.response.end();
    }
  }

  private async pump({ follow, dialect, response }: Subscription, signal: AbortSignal): Promise<void> {
    if (response.closed) return;
    const { STREAM_HEARTBEAT_MS: heartbeat, STREAM_STALL_MS: stall, STREAM_RETRY_MS: retry } = this.settings;
    const connection = new SseConnection(response, { heartbeat, stall });
    signal.addEventListener('abort', connection.close);
    try {
      await connection.send(`retry: ${retry}\n\n`);
      for await (const span of follow(signal)) await connection.send(span.in(dialect));
      if (this.moving)
        await connection.send(`retry: ${Math.round(retry + Math.random() * MOVE_SPREAD_MS)}\n\n`);
    } finally {
      connection.close();
    }
  }
}

const isClosed = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    response.once('close', resolve);
  });
