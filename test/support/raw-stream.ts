import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { until, within } from './until.js';

/** An event stream in any dialect: its bytes, and the ids of the events in them. */
export class RawStream {
  private body = '';
  private readonly over: Promise<void>;

  private constructor(private readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      this.body += text;
    });
    response.on('error', () => undefined); // cut off: `isComplete` tells
    // `once` of node:events would reject when the stream is cut off.
    this.over = new Promise((resolve) => response.once('close', resolve));
  }

  /** Resolves with the head of the answer. */
  static open(url: string, headers: Record<string, string> = {}): Promise<RawStream> {
    return RawStream.request('GET', url, { headers });
  }

  /** The same for a door that takes a JSON body. */
  static post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<RawStream> {
    const json = { 'content-type': 'application/json', ...headers };
    return RawStream.request('POST', url, { headers: json, body: JSON.stringify(body) });
  }

  private static async request(
    method: string,
    url: string,
    { headers, body }: { headers: Record<string, string>; body?: string },
  ): Promise<RawStream> {
    const sent = request(url, { agent: false, method, headers });
    sent.on('error', () => undefined);
    sent.end(body);
    const [response] = (await within('the stream opens', once(sent, 'response'))) as [IncomingMessage];
    return new RawStream(response);
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  get headers(): IncomingMessage['headers'] {
    return this.response.headers;
  }

  get text(): string {
    return this.body;
  }

  /** Ids of the events that have arrived completely. */
  get ids(): string[] {
    const whole = this.body.slice(0, this.body.lastIndexOf('\n\n') + 1);
    return [...whole.matchAll(/^id: (\S+)$/gm)].map((match) => match[1] ?? '');
  }

  /** False when the connection was cut. */
  get isComplete(): boolean {
    return this.response.complete;
  }

  /** Resolves when this many events have arrived. */
  async count(events: number): Promise<void> {
    await until(`${events} events came`, () => this.ids.length >= events || undefined);
  }

  /** Resolves when the server has ended the stream, or cut it. */
  async end(): Promise<this> {
    await within('the stream ends', this.over, 25_000);
    return this;
  }

  /** Reads nothing more until {@link resume}. */
  pause(): void {
    this.response.pause();
  }

  resume(): void {
    this.response.resume();
  }

  hangUp(): void {
    this.response.destroy();
  }
}
