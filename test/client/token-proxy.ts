import { once } from 'node:events';
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy that rejects requests without the current token. */
export class TokenProxy {
  /** The only valid token. */
  token = 'token-0';
  /** Requests that were rejected. */
  refused = 0;
  private readonly open = new Set<ServerResponse>();

  private constructor(
    private readonly server: Server,
    private readonly target: string,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.answer(request, response);
    });
  }

  static async start(target: string): Promise<TokenProxy> {
    const proxy = new TokenProxy(createServer(), target);
    await once(proxy.server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on another token is valid; connections opened with the old one are cut. */
  expire(token: string): void {
    this.token = token;
    for (const response of this.open) response.destroy();
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      this.refused++;
      response.writeHead(401, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ status: 401, code: 'unauthorized', detail: 'No, or not any more.' }));
      return;
    }
    this.open.add(response.on('close', () => this.open.delete(response)));
    const { method, headers } = request;
    const onward = forward(this.target + (request.url ?? ''), { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => response.destroy()).pipe(response);
    });
    response.on('close', () => onward.destroy());
    request.pipe(onward.on('error', () => response.destroy()));
  }
}
