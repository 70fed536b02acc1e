import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StreamEvent } from '@reprise/protocol';
import { seqOf, type FollowOptions, type RepriseClient, type RunRef } from '../src/index.js';
import { MESSAGE_ID } from './logs.js';

/** Answers one request; `index` counts them from 0. */
export type Answer = (response: ServerResponse, request: IncomingMessage, index: number) => unknown;

/** A tiny HTTP server that does to a client what a test asks for. */
export class StreamServer {
  readonly requests: IncomingMessage[] = [];
  /** When each request arrived, ms. */
  readonly times: number[] = [];

  private constructor(private readonly server: Server) {}

  static async start(answer: Answer): Promise<StreamServer> {
    const stage = new StreamServer(createServer());
    stage.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      stage.times.push(performance.now());
      answer(response, request, stage.requests.push(request) - 1);
    });
    await once(stage.server.listen(0, '127.0.0.1'), 'listening');
    return stage;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The resume point of each request. */
  get resumePoints(): (string | undefined)[] {
    return this.requests.map(({ headers }) => headers['last-event-id'] as string | undefined);
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

/** What `send` returns, so that no request for the address is made. */
export const RUN: RunRef = { message_id: MESSAGE_ID, stream_url: '/stream' };

/** Frames as the application writes them. */
export const framesOf = (events: readonly StreamEvent[]): string =>
  events.map((event) => `event: ${event.type}\nid: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`).join('');

/** The part of a log that a request gets. @param overlap events that are repeated although they were seen. */
export function restOf(log: readonly StreamEvent[], request: IncomingMessage, overlap = 0): StreamEvent[] {
  const last = request.headers['last-event-id'];
  const next = typeof last === 'string' ? seqOf(last) + 1 : 0;
  return log.slice(Math.max(0, next - overlap));
}

/** Starts a stream; the first retry waits at most 1 ms. */
export function openStream(response: ServerResponse, retryMs = 1): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(`retry: ${retryMs}\n\n`);
  return response;
}

/** Rejects as the application does. */
export function refuse(response: ServerResponse, status: number, code: string, headers = {}): void {
  const problem = { status, code, detail: `This is ${code}.`, retryable: false, request_id: 'request-1' };
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
  response.end(JSON.stringify(problem));
}

/** Everything that following {@link RUN} yields. */
export async function collect(client: RepriseClient, options: FollowOptions = {}): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of client.follow(RUN, options)) events.push(event);
  return events;
}
