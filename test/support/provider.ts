import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.js';

/** A request that a provider got. */
export interface ProviderRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  /** Parsed; empty for a GET. */
  body: any;
}

/** Answers one request for a completion. */
export type Answer = (request: ProviderRequest, response: ServerResponse) => void;

/** A model server that answers each request with the next of its answers, the last one repeatedly. Real HTTP. */
export class Provider {
  /** Requests for completions. */
  readonly asked: ProviderRequest[] = [];
  /** All other requests. */
  readonly looked: ProviderRequest[] = [];
  /** Responses for paths that are fetched, as JSON; all others are 404. */
  pages: Record<string, unknown> = { '/v1/models': { object: 'list', data: [] } };
  answers: Answer[] = [says('ok')];

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.receive(request, response);
    });
  }

  static async start(...answers: Answer[]): Promise<Provider> {
    const provider = new Provider(createServer());
    if (answers.length > 0) provider.answers = answers;
    await once(provider.server.listen(0, '127.0.0.1'), 'listening');
    return provider;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Settings that make the application use this provider. */
  get env(): Record<string, string> {
    return {
      OPENAI_BASE_URL: `http://127.0.0.1:${this.port}/v1`,
      OPENAI_API_KEY: 'sk-very-secret-key',
      OPENAI_MODEL: 'm',
    };
  }

  /** Resolves when this many completions have been requested. */
  async askedTimes(count: number): Promise<void> {
    await until(`the model is asked ${count} times`, () => this.asked.length >= count);
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    request.setEncoding('utf8'); // a chunk may end within a character
    for await (const chunk of request) text += String(chunk);
    const { method = '', url: path = '', headers } = request;
    if (method === 'GET') {
      this.looked.push({ method, path, headers, body: {} });
      const page = this.pages[path];
      response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(page ?? { error: 'not found' }));
      return;
    }
    const answer = this.answers[Math.min(this.asked.length, this.answers.length - 1)];
    const asked = { method, path, headers, body: JSON.parse(text) };
    this.asked.push(asked);
    answer?.(asked, response);
  }
}

/** One frame of a stream. */
export const frame = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

/** Begins an event stream. */
export function stream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/event-stream' });
}

/** A whole answer. */
export function says(text: string): Answer {
  return (_request, response) => {
    stream(response).end(`${frame({ content: text })}${frame({}, 'stop')}data: [DONE]\n\n`);
  };
}

/** A turn that calls one tool several times. */
export function calls(name: string, ...args: object[]): Answer {
  return (_request, response) => {
    const tool_calls = args.map((each, index) => ({
      index,
      id: `c${Math.random().toString(36).slice(2, 10)}`,
      type: 'function',
      function: { name, arguments: JSON.stringify(each) },
    }));
    stream(response).end(`${frame({ tool_calls })}${frame({}, 'tool_calls')}data: [DONE]\n\n`);
  };
}

/** A rejection; `body` is sent as JSON, a text as it is. */
export function refuses(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
}
