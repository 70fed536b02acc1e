import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { StreamEvent } from '@reprise/protocol';
import { EventSource } from 'eventsource';
import { within } from './until.js';

/** One frame as it was on the wire. */
export interface WireFrame {
  event?: string;
  id: string;
  /** The `data` line, unparsed. */
  data: string;
}

/** Parses complete frames; strict: anything but the exact form of a frame, a comment or `retry` throws. */
export function parseFrames(text: string): WireFrame[] {
  const blocks = text.slice(0, text.lastIndexOf('\n\n') + 2).split('\n\n');
  return blocks.flatMap((block) => {
    if (block === '' || /^\n?(:.*|retry: \d+)$/.test(block)) return [];
    const match = /^\n?(?:event: ([a-z_]+)\n)?id: (\S+)\ndata: (\{.*\})$/s.exec(block);
    const [, event, id, data] = match ?? [];
    if (id === undefined || data === undefined || data.includes('\n'))
      throw new Error(`Not a frame: ${block}`);
    return [{ ...(event !== undefined && { event }), id, data }];
  });
}

/** The events that frames carry. */
export const eventsIn = (frames: readonly WireFrame[]): StreamEvent[] =>
  frames.map((frame) => JSON.parse(frame.data) as StreamEvent);

/** Reads a stream over plain HTTP and keeps every byte. */
export class SseReader {
  readonly frames: WireFrame[] = [];
  /** Resolves when the connection is over, in whatever way. */
  readonly ended: Promise<void>;
  private over = false;
  private readonly chunks: string[] = [];
  private tail = '';
  private readonly checks = new Set<() => void>();

  private constructor(private readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      this.chunks.push(chunk);
      this.tail += chunk;
      this.frames.push(...this.newFrames());
      for (const check of this.checks) check();
    });
    response.on('error', () => undefined); // cut off: `ended` tells
    this.ended = once(response, 'close').then(() => {
      this.over = true;
      for (const check of this.checks) check();
    });
  }

  /** Opens a stream; resolves with the response headers. */
  static async open(url: string, lastEventId?: string): Promise<SseReader> {
    const headers = {
      accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    const request = get(url, { agent: false, headers });
    const [response] = (await within('the stream opens', once(request, 'response'))) as [IncomingMessage];
    request.on('error', () => undefined);
    return new SseReader(response);
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  get headers(): IncomingMessage['headers'] {
    return this.response.headers;
  }

  /** Everything received. */
  get text(): string {
    return this.chunks.join('');
  }

  get events(): StreamEvent[] {
    return eventsIn(this.frames);
  }

  /** The first matching frame, seen already or to come. */
  until(what: string, fits: (event: StreamEvent) => boolean): Promise<StreamEvent> {
    return within(
      what,
      this.when(() => this.events.find(fits)),
    );
  }

  /** Resolves when this many frames have arrived. */
  async count(frames: number): Promise<void> {
    await within(
      `${frames} frames came`,
      this.when(() => this.frames.length >= frames || undefined),
    );
  }

  /** Resolves when the text matches. */
  async matches(pattern: RegExp): Promise<void> {
    await within(
      `the stream matches ${String(pattern)}`,
      this.when(() => pattern.test(this.text) || undefined),
    );
  }

  /** Every frame of a stream that ends by itself. */
  async all(): Promise<WireFrame[]> {
    await within('the stream ends', this.ended, 25_000);
    return this.frames;
  }

  /** Cuts the connection. */
  async close(): Promise<void> {
    this.response.destroy();
    await this.ended;
  }

  private newFrames(): WireFrame[] {
    const end = this.tail.lastIndexOf('\n\n') + 2;
    if (end < 2) return [];
    const frames = parseFrames(this.tail.slice(0, end));
    this.tail = this.tail.slice(end);
    return frames;
  }

  private when<T>(condition: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const value = condition();
        if (value === undefined && !this.over) return;
        this.checks.delete(check);
        if (value === undefined) reject(new Error(`The stream ended too early:\n${this.text.slice(-1000)}`));
        else resolve(value);
      };
      this.checks.add(check);
      check();
    });
  }
}

/** Everything in an ended, or ending, stream. */
export async function readAll(url: string, lastEventId?: string): Promise<StreamEvent[]> {
  const reader = await SseReader.open(url, lastEventId);
  await reader.all();
  return reader.events;
}

/** What `curl -N` shows of a response. */
export interface Curled {
  status: number;
  /** Header names in lower case. */
  headers: Record<string, string>;
  body: string;
}

/** Fetches with curl, as a person would look at the wire. */
export async function curl(url: string, ...options: string[]): Promise<Curled> {
  const child = spawn('curl', ['-sNi', '--max-time', '20', ...options, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  const [head = '', ...rest] = Buffer.concat(chunks).toString('utf8').split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: rest.join('\r\n\r\n'),
  };
}

/** A browser's EventSource on a stream, with what it saw. */
export interface Watcher {
  source: EventSource;
  /** By named listeners, one for each type of version 1. */
  named: { type: string; id: string; data: string }[];
  /** By `onmessage`. */
  unnamed: { id: string; data: string }[];
  /** Requests made, with the resume point each carried. */
  requests: (string | undefined)[];
  /** Resolves when it has given up permanently: `readyState` is CLOSED. */
  closed: Promise<void>;
}

/** Watches a stream as a browser does: reconnects by itself until it gets 204. */
export function watch(url: string, types: readonly string[]): Watcher {
  const requests: (string | undefined)[] = [];
  const source = new EventSource(url, {
    fetch: (target, init) => {
      requests.push((init.headers as Record<string, string>)['Last-Event-ID']);
      return fetch(target, init);
    },
  });
  const named: Watcher['named'] = [];
  const unnamed: Watcher['unnamed'] = [];
  for (const type of types) {
    source.addEventListener(type, (event: Event) => {
      // 'error' is also the name of the client's own event; that one has no data.
      const { data, lastEventId } = event as Event & { data?: string; lastEventId: string };
      if (data !== undefined) named.push({ type, id: lastEventId, data });
    });
  }
  source.onmessage = ({ data, lastEventId }: { data: string; lastEventId: string }) => {
    unnamed.push({ id: lastEventId, data });
  };
  const closed = new Promise<void>((resolve) => {
    source.addEventListener('error', () => {
      if (source.readyState === source.CLOSED) resolve();
    });
  });
  return { source, named, unnamed, requests, closed: within('the EventSource gives up', closed, 20_000) };
}
