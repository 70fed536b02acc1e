import { setTimeout as delay } from 'node:timers/promises';
import type { StreamEvent } from '@reprise/protocol';
import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';

/** One event as it arrived. */
export interface SeenEvent {
  id: string;
  type: StreamEvent['type'];
  /** The `data` line, unparsed. */
  data: string;
}

/**
 * Follows a stream over any number of connections like an `EventSource`: reconnects with the id of the last event it
 * has seen until it gets 204. Unlike one it also reconnects after a 5xx, and counts those.
 */
export class ResumingReader {
  /** Everything received, over all connections. */
  readonly seen: SeenEvent[] = [];
  /** Connections that got a response. */
  connections = 0;
  /** Responses that were neither a stream nor the end of it. */
  readonly refusals: number[] = [];
  /** Resolves when the server said 204 or 4xx, or after {@link stop}. */
  readonly done: Promise<void>;
  /** What it does now. */
  phase: 'connecting' | 'reading' | 'pausing' | 'done' = 'connecting';
  private retryMs = 20;
  private stopped = false;
  private connection = new AbortController();

  /** @param onEvent called after an event was added to `seen`. */
  constructor(
    private readonly url: string,
    private readonly onEvent: (reader: ResumingReader) => void = () => undefined,
  ) {
    this.done = this.follow();
  }

  /** Cuts the connection; the reader reconnects by itself. */
  hangUp(): void {
    this.connection.abort();
  }

  /** Gives up. */
  stop(): void {
    this.stopped = true;
    this.hangUp();
  }

  private async follow(): Promise<void> {
    while (!this.stopped) {
      this.connection = new AbortController();
      this.phase = 'connecting';
      const isOver = await this.connect(this.connection.signal).catch(() => false); // the connection is dead
      if (isOver) break;
      this.phase = 'pausing';
      await delay(this.retryMs);
    }
    this.phase = 'done';
  }

  /** @returns true if nothing more will come. */
  private async connect(signal: AbortSignal): Promise<boolean> {
    const last = this.seen.at(-1);
    const headers = { accept: 'text/event-stream', ...(last && { 'last-event-id': last.id }) };
    const response = await fetch(this.url, { headers, signal });
    this.connections++;
    this.phase = 'reading';
    if (response.status === 204) return true;
    if (response.status === 200 && response.body) await this.read(response.body, signal);
    else {
      this.refusals.push(response.status);
      await response.text();
    }
    return response.status >= 400 && response.status < 500; // a retry would change nothing
  }

  private async read(body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const parser = this.newParser(signal);
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      parser.feed(decoder.decode(chunk, { stream: true }));
      if (signal.aborted) return; // disconnected by `onEvent`; an abort while the last chunk is read wakes nobody
    }
  }

  /** A new one for each connection: half a frame left behind by a dead connection is forgotten. */
  private newParser(signal: AbortSignal): EventSourceParser {
    return createParser({
      onEvent: (message) => {
        if (!signal.aborted) this.take(message);
      },
      onRetry: (ms) => {
        this.retryMs = ms;
      },
    });
  }

  private take({ id = '', event = 'message', data }: EventSourceMessage): void {
    this.seen.push({ id, type: event as StreamEvent['type'], data });
    this.onEvent(this);
  }
}
