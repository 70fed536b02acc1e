import type { StreamEvent } from '@reprise/protocol';
import { EventSourceParserStream } from 'eventsource-parser/stream';

/** What the demo does over HTTP, like any other client. */
export class DemoClient {
  constructor(private readonly url: string) {}

  /** @throws Error with the response's text if the status is not 2xx. */
  async request<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const json = { 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { headers: json, body: JSON.stringify(body) };
    const response = await fetch(this.url + path, { method, ...sent });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** The events of one connection, starting after `after`. Leaving the loop closes the connection. */
  async *connect(streamUrl: string, after: string | undefined): AsyncGenerator<StreamEvent, void, undefined> {
    const cut = new AbortController();
    const headers = after === undefined ? {} : { 'last-event-id': after };
    const response = await fetch(this.url + streamUrl, { headers, signal: cut.signal });
    if (!response.ok || !response.body)
      throw new Error(`stream: ${response.status} ${await response.text()}`);
    try {
      const frames = response.body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream());
      for await (const frame of frames) yield JSON.parse(frame.data) as StreamEvent;
    } finally {
      cut.abort();
    }
  }
}
