import { Injectable } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import { Settings } from '../platform/config/index.js';
import { bearerOf, isSameSecret } from '../platform/http/index.js';
import { Metrics } from '../platform/telemetry/index.js';
import { RuntimeMetrics } from './runtime-metrics.js';

/** Media type of the metrics. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The metrics as they are served, and who may read them on a port of their own. */
@Injectable()
export class MetricsAccess {
  constructor(
    private readonly settings: Settings,
    private readonly metrics: Metrics,
    private readonly runtime: RuntimeMetrics,
  ) {}

  /** Whether a request to the own port has the token, if there is one: without one, the port is for a firewall to guard. */
  admits(headers: IncomingHttpHeaders): boolean {
    const { METRICS_TOKEN: token } = this.settings;
    return token === undefined || isSameSecret(bearerOf({ headers }) ?? '', token);
  }

  /** The metrics of this process as they are now. */
  async read(): Promise<string> {
    await this.runtime.refresh();
    return this.metrics.registry.metrics();
  }
}
