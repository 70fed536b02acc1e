import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Settings } from '../platform/config/index.js';
import { hostCheck } from '../platform/http/index.js';
import { Log } from '../platform/logging/index.js';
import { METRICS_TYPE, MetricsAccess } from './metrics-access.js';

/** Serves `/metrics` on a port of its own, if `METRICS_PORT` says so: a firewall can then keep others away from it. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Log(MetricsServer.name);
  private server: Server | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly access: MetricsAccess,
  ) {}

  /** E.g. `http://127.0.0.1:9464/metrics`; nothing without a port of its own. */
  get url(): string | undefined {
    if (!this.server) return undefined;
    const { HOST } = this.settings;
    const { port } = this.server.address() as AddressInfo;
    return `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${port}/metrics`;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { METRICS_PORT: port, HOST } = this.settings;
    if (port === undefined) return;
    const server = createServer((request, response) => void this.answer(request, response));
    await once(server.listen(port, HOST), 'listening');
    this.server = server;
    this.log.info(`metrics: ${this.url ?? ''}`);
  }

  beforeApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      end(response, 404, 'Only GET /metrics is here.\n');
      return;
    }
    if (this.settings.AUTH_MODE === 'none' && hostCheck(this.settings)(request)) {
      end(response, 421, 'This server is not known by that name. If it is its name, add it to HOSTS.\n');
      return;
    }
    if (!this.access.admits(request.headers)) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      end(response, 401, 'METRICS_TOKEN is required as a bearer token.\n');
      return;
    }
    try {
      const text = await this.access.read();
      response.setHeader('Content-Type', METRICS_TYPE);
      response.end(text);
    } catch (error) {
      this.log.error('the metrics could not be read', { err: error });
      end(response, 500, 'The metrics could not be read; the log says why.\n');
    }
  }
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
}
