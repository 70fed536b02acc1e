import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One JSON-RPC message. */
export interface Message {
  id?: number;
  method: string;
  params?: { name?: string; arguments?: Record<string, unknown>; [field: string]: unknown };
}

/** Answers a call of a tool by itself. */
export type CallAnswer = (message: Message, response: ServerResponse, server: HttpServer) => void;

/** An MCP server over HTTP that a test lets misbehave. Real HTTP, no library that keeps it from doing wrong. */
export class HttpServer {
  /** Requests, e.g. `POST tools/call cut`. */
  readonly log: string[] = [];
  readonly headers: IncomingMessage['headers'][] = [];
  /** Sessions that it knows; clear it, and it has forgotten them. */
  readonly sessions = new Set<string>();
  /** Status for a session that it does not know. */
  unknownSession = 404;
  /** Open streams to clients. */
  readonly streams = new Set<ServerResponse>();
  hasStreams = true;
  /** Answers before anything else, if set. */
  gate: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;

  private constructor(
    private readonly server: Server,
    readonly tools: Record<string, CallAnswer>,
    /** Hints of all tools. */
    public annotations: object,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.receive(request, response).catch(() => response.destroy());
    });
  }

  static async start(
    tools: Record<string, CallAnswer>,
    annotations: object = { readOnlyHint: true },
    port = 0,
  ): Promise<HttpServer> {
    const server = createServer();
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return new HttpServer(server, tools, annotations);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/mcp`;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** How often a request was made. */
  count(line: string): number {
    return this.log.filter((one) => one === line).length;
  }

  /** Tells every client. */
  notify(method: string): void {
    for (const stream of this.streams) frame(stream, { jsonrpc: '2.0', method });
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.headers.push(request.headers);
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
    const message = body === '' ? undefined : (JSON.parse(body) as Message);
    const what = [request.method, message?.method, message?.params?.name].filter(Boolean).join(' ');
    this.log.push(what);
    if (this.gate?.(request, response)) return;
    const session = request.headers['mcp-session-id'];
    if (session !== undefined && !this.sessions.has(String(session))) {
      response.writeHead(this.unknownSession).end('no such session');
      return;
    }
    if (request.method === 'GET') this.openStream(response);
    else if (request.method === 'DELETE') {
      this.sessions.delete(String(session));
      response.end();
    } else if (message) this.answer(message, response);
  }

  private openStream(response: ServerResponse): void {
    if (!this.hasStreams) {
      response.writeHead(405).end();
      return;
    }
    stream(response);
    this.streams.add(response);
    response.on('close', () => this.streams.delete(response));
  }

  private answer(message: Message, response: ServerResponse): void {
    const { id, method, params = {} } = message;
    if (id === undefined) {
      response.writeHead(202).end();
      return;
    }
    if (method === 'initialize') {
      const session = `session-${this.log.length}`;
      this.sessions.add(session);
      response.setHeader('mcp-session-id', session);
      json(response, id, {
        protocolVersion: params['protocolVersion'],
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: 'fake', version: '1' },
      });
    } else if (method === 'tools/list') json(response, id, { tools: this.describe() });
    else if (method === 'tools/call') this.tools[params.name ?? '']?.(message, response, this);
    else json(response, id, {});
  }

  private describe(): object[] {
    return Object.keys(this.tools).map((name) => ({
      name,
      inputSchema: { type: 'object' },
      annotations: this.annotations,
    }));
  }
}

/** A result with one text. */
export const said = (text: string): object => ({ content: [{ type: 'text', text }] });

/** Answers with JSON. */
export function json(response: ServerResponse, id: number | undefined, result: object): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

/** Begins to answer with an event stream. */
export function stream(response: ServerResponse): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  return response;
}

/** Sends one event; with an id the client can ask for what came after it. */
export function frame(response: ServerResponse, message: object, id?: string): void {
  response.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`);
}
