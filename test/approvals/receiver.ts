import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '../support/until.js';

/** A report as the receiver got it. */
export interface Report {
  headers: Record<string, string>;
  body: string;
}

/** What the receiver does with one report. */
export type Reaction = (response: ServerResponse) => void;

export const accepts: Reaction = (response) => response.writeHead(204).end();
export const answers =
  (status: number, headers: Record<string, string> = {}): Reaction =>
  (response) =>
    response.writeHead(status, headers).end('no');
export const cutsOff: Reaction = (response) => response.destroy();
/** Never answers. */
export const hangs: Reaction = () => undefined;
/** Accepts, and then sends an endless body. */
export const floods: Reaction = (response) => {
  response.writeHead(200);
  const more = (): void => {
    if (response.destroyed) return;
    if (response.write('x'.repeat(65_536))) setImmediate(more);
    else response.once('drain', more);
  };
  more();
};

/** A webhook receiver: a real HTTP server that reacts to each report as told, to the last in the same way as before. */
export class Receiver {
  readonly reports: Report[] = [];
  reactions: Reaction[] = [accepts];

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.receive(request, response);
    });
  }

  static async start(port = 0): Promise<Receiver> {
    const receiver = new Receiver(createServer());
    await once(receiver.server.listen(port, '127.0.0.1'), 'listening');
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** Reports about one message. */
  about(messageId: string): Report[] {
    return this.reports.filter(({ body }) => body.includes(messageId));
  }

  /** Resolves with the reports about a message once there are so many. */
  async got(messageId: string, count = 1): Promise<Report[]> {
    return until(`${count} reports arrive`, () => {
      const found = this.about(messageId);
      return found.length >= count ? found : undefined;
    });
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.setEncoding('utf8');
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const reaction = this.reactions[Math.min(this.reports.length, this.reactions.length - 1)] ?? accepts;
    this.reports.push({ headers: request.headers as Record<string, string>, body });
    reaction(response);
  }
}
