import { Module } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_TENANT } from '../../src/common/index.js';
import { ConfigModule, loadSettings } from '../../src/platform/config/index.js';
import { ToolboxModule } from '../../src/toolbox/index.js';
import { ToolError, ToolRegistry, type ToolContext, type ToolResult } from '../../src/tools/index.js';

/** The tools of the toolbox alone, as a registry offers them. */
export interface Toolbox {
  registry: ToolRegistry;
  /** Lines of progress that were shown. */
  progress: string[];
  call(name: string, args: unknown, signal?: AbortSignal): Promise<ToolResult>;
  /** The error of a call that must fail. */
  fault(name: string, args: unknown, signal?: AbortSignal): Promise<ToolError>;
  close(): Promise<void>;
}

export async function openToolbox(env: Record<string, string> = {}): Promise<Toolbox> {
  const settings = loadSettings(env);
  @Module({
    imports: [ConfigModule.with(settings), DiscoveryModule, ToolboxModule.with(settings)],
    providers: [ToolRegistry],
  })
  class Root {}
  const context = await NestFactory.createApplicationContext(Root, { logger: false });
  const registry = context.get(ToolRegistry);
  const progress: string[] = [];
  const call: Toolbox['call'] = (name, args, signal = new AbortController().signal) =>
    registry.call(name, JSON.stringify(args), contextOf(signal, progress));
  const fault: Toolbox['fault'] = (name, args, signal) =>
    call(name, args, signal).then(
      (result) => {
        throw new Error(`The call did not fail: ${JSON.stringify(result).slice(0, 300)}`);
      },
      (error: unknown) => {
        if (error instanceof ToolError) return error;
        throw error;
      },
    );
  return { registry, progress, call, fault, close: () => context.close() };
}

function contextOf(signal: AbortSignal, progress: string[]): ToolContext {
  return {
    tenant: DEFAULT_TENANT,
    user: 'alice',
    chat_id: 'chat-1',
    message_id: 'a'.repeat(24),
    call_id: 'call_1',
    metadata: {},
    signal,
    emit: () => Promise.resolve(),
    progress: (text) => void progress.push(text),
  };
}

/** How a site answers one request; `body` is all that it was sent. */
export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A real HTTP server with an answer for each path; 404 for others. */
export class Site {
  /** Requests so far, oldest first. */
  readonly asked: { method: string; url: URL; headers: IncomingMessage['headers']; body: string }[] = [];

  private constructor(
    private readonly server: Server,
    readonly answers: Record<string, Answer>,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.receive(request, response);
    });
  }

  static async start(answers: Record<string, Answer> = {}): Promise<Site> {
    const site = new Site(createServer(), answers);
    await once(site.server.listen(0, '127.0.0.1'), 'listening');
    return site;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  url(path = ''): string {
    return `http://${this.host}${path}`;
  }

  /** Connections that are open. */
  async open(): Promise<number> {
    return new Promise((resolve) => {
      this.server.getConnections((_error, count) => {
        resolve(count);
      });
    });
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    request.setEncoding('utf8');
    for await (const chunk of request) body += String(chunk);
    const url = new URL(request.url ?? '/', this.url());
    this.asked.push({ method: request.method ?? '', url, headers: request.headers, body });
    const answer = this.answers[url.pathname];
    if (answer) answer(request, response, body);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('not here');
  }
}

/** Answers with a body. */
export function sends(
  body: string | Buffer,
  type = 'text/html; charset=utf-8',
  headers: Record<string, string> = {},
): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': type, ...headers }).end(body);
  };
}

/** Answers with JSON. */
export function json(value: unknown, status = 200): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
}

/** Redirects. */
export function redirects(to: string, status = 302): Answer {
  return (_request, response) => {
    response.writeHead(status, { location: Buffer.from(to).toString('latin1') }).end();
  };
}

/** Never answers. */
export const hangs: Answer = () => undefined;
