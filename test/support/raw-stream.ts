import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
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
  static async open(url: string, headers: Record<string, string> = {}): Promise<RawStream> {
    const request = get(url, { agent: false, headers });
    request.on('error', () => undefined);
    const [response] = (await within('the stream opens', once(request, 'response'))) as [IncomingMessage];
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
