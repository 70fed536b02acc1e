import type { StreamEvent } from '@reprise/protocol';
import { BackOff, pause } from './back-off.js';
import { connectionFailed, isPassing, RepriseError } from './errors.js';
import type { Http } from './http.js';
import { Line } from './line.js';
import { SseParser } from './sse-parser.js';
import { seqOf } from './stream-state.js';
import type { CreatedMessage, MessageWithRun } from './wire.js';

/** What the connection to the server is doing. `waiting`: the next attempt is `ms` from now, because of `error`. */
export type Connection =
  | { readonly state: 'connecting' | 'open' | 'closed' }
  | { readonly state: 'waiting'; readonly ms: number; readonly error: RepriseError };

/** A message id, or the result of `send` or `retry`, which saves the request for the stream's address. */
export type RunRef = string | CreatedMessage;

/** How to follow a run. */
export interface FollowOptions {
  /** Id of the last event seen; the iteration starts with the next one. Default: from the beginning. */
  after?: string | null | undefined;
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined;
  /** Called on each change; `closed` always comes last. */
  onConnection?: ((connection: Connection) => void) | undefined;
  /**
   * A connection that receives no byte for this long, ms, counts as lost. Default: three of the heartbeats that the
   * server announces, or 45 s.
   */
  silenceMs?: number | undefined;
}

const RETRY_MS = 1000;
const SILENCE_MS = 45_000;
/** Heartbeats that may be missed before the client gives up a connection. */
const MISSED_HEARTBEATS = 3;

/** Follows one run over as many connections as it takes. */
export class RunFollower {
  private readonly backOff: BackOff;
  private readonly messageId: string;
  private streamUrl: string | undefined;
  private lastEventId: string | null;
  private hasEnded = false;

  constructor(
    private readonly http: Http,
    run: RunRef,
    private readonly options: FollowOptions,
  ) {
    this.backOff = new BackOff(RETRY_MS, http.longestWaitMs);
    this.messageId = typeof run === 'string' ? run : run.message_id;
    this.streamUrl = typeof run === 'string' ? undefined : run.stream_url;
    this.lastEventId = options.after ?? null;
  }

  /**
   * The events, in order and exactly once, in the batches in which they arrive; up to `end`, or until the signal is
   * aborted.
   * @throws RepriseError when a retry would change nothing.
   */
  async *batches(): AsyncGenerator<StreamEvent[], void, undefined> {
    try {
      while (!this.isOver()) {
        const error = yield* this.connection();
        if (!this.isOver()) await this.wait(error);
      }
    } finally {
      this.report({ state: 'closed' });
    }
  }

  private isOver(): boolean {
    return this.hasEnded || (this.options.signal?.aborted ?? false);
  }

  /** One connection from open to close. @returns why it ended before the run did. */
  private async *connection(): AsyncGenerator<StreamEvent[], RepriseError, undefined> {
    const line = new Line(this.options.silenceMs ?? SILENCE_MS, this.options.signal);
    try {
      this.report({ state: 'connecting' });
      const response = await line.watch(this.open(line.signal));
      line.silenceMs = this.options.silenceMs ?? silenceOf(response);
      this.report({ state: 'open' });
      yield* this.read(response, line);
      return connectionFailed('The stream ended before the run did.');
    } catch (error) {
      if (isPassingError(error)) return error;
      throw error; // a retry would change nothing
    } finally {
      line.close();
    }
  }

  private async open(signal: AbortSignal): Promise<Response> {
    const isKnown = this.streamUrl !== undefined;
    this.streamUrl ??= await this.lookUp(signal);
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    if (this.lastEventId !== null) headers['last-event-id'] = this.lastEventId;
    try {
      return await this.http.open(this.streamUrl, { headers, signal });
    } catch (error) {
      if (!isKnown || !isAboutTicket(error)) throw error;
      // The address holds a ticket that is too old: the message knows a new one.
      this.streamUrl = undefined;
      return this.open(signal);
    }
  }

  private async lookUp(signal: AbortSignal): Promise<string> {
    const path = `/api/messages/${encodeURIComponent(this.messageId)}`;
    const { stream_url: url } = await this.http.once<MessageWithRun>({ path, signal });
    if (url !== undefined) return url;
    throw new RepriseError('This message is an answer: only questions have a run to follow.', {
      status: 404,
      code: 'no_stream',
      retryable: false,
    });
  }

  private async *read(response: Response, line: Line): AsyncGenerator<StreamEvent[], void, undefined> {
    if (response.status === 204) {
      this.hasEnded = true; // resumed after `end`
      return;
    }
    const reader = streamOf(response).getReader();
    const parser = new SseParser();
    while (!this.isOver()) {
      const { done, value } = await line.watch(reader.read().catch(breakOff));
      if (done) return;
      const events = parser.feed(value).flatMap(({ data }) => this.accept(data));
      this.backOff.baseMs = parser.retryMs ?? this.backOff.baseMs;
      if (events.length === 0) continue;
      this.backOff.reset();
      yield events;
    }
  }

  /** @returns the event, unless it has been seen already. */
  private accept(data: string): StreamEvent[] {
    const event = parse(data);
    const lastSeq = this.lastEventId === null ? -1 : seqOf(this.lastEventId);
    if (seqOf(event.id) <= lastSeq) return [];
    this.lastEventId = event.id;
    this.hasEnded = event.type === 'end';
    return [event];
  }

  private async wait(error: RepriseError): Promise<void> {
    const ms = this.backOff.next(error.retryAfterMs);
    this.report({ state: 'waiting', ms, error });
    await pause(ms, error.status === 0, this.options.signal);
  }

  private report(connection: Connection): void {
    this.options.onConnection?.(connection);
  }
}

/**
 * How long a healthy connection may be silent: the server announces its heartbeat in the stream's response headers.
 */
function silenceOf({ headers }: Response): number {
  const heartbeat = Number(headers.get('x-heartbeat-ms') ?? Number.NaN);
  return heartbeat > 0 ? heartbeat * MISSED_HEARTBEATS : SILENCE_MS;
}

function isAboutTicket(error: unknown): boolean {
  return error instanceof RepriseError && error.status === 401 && error.code.startsWith('ticket_');
}

function breakOff(cause: unknown): never {
  throw connectionFailed('The stream broke off.', cause);
}

function isPassingError(error: unknown): error is RepriseError {
  return error instanceof RepriseError && isPassing(error.status);
}

function streamOf(response: Response): ReadableStream<Uint8Array> {
  const { body, headers, status } = response;
  if (body && headers.get('content-type')?.startsWith('text/event-stream')) return body;
  const code = 'not_a_stream';
  throw new RepriseError('The server did not answer with an event stream.', {
    status,
    code,
    retryable: false,
  });
}

function parse(data: string): StreamEvent {
  const event = jsonOf(data);
  if (event && seqOf(event.id) >= 0) return event;
  const code = 'invalid_event';
  throw new RepriseError('The stream contains something that is not an event.', {
    status: 200,
    code,
    retryable: false,
  });
}

function jsonOf(data: string): StreamEvent | undefined {
  try {
    const value = JSON.parse(data) as StreamEvent | null;
    return typeof value?.id === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
