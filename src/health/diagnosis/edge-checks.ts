import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { Metrics } from '../../platform/telemetry/index.js';
import { RuntimeStats } from '../runtime-stats.js';
import type { Seen } from './checks.js';

/** What a request shows of its way. */
export interface RequestWay {
  /** `1.0`, `1.1` */
  httpVersion: string;
  headers: Readonly<Record<string, unknown>>;
}

/** nginx, and many others, cut a connection that is silent for this long. */
const PROXY_PATIENCE_MS = 60_000;
const PROXY_HEADERS = ['via', 'x-forwarded-for', 'x-forwarded-proto', 'forwarded', 'x-real-ip'];

/** Looks at what is between this process and its clients. */
@Injectable()
export class EdgeChecks {
  constructor(
    private readonly stats: RuntimeStats,
    private readonly metrics: Metrics,
    private readonly settings: Settings,
  ) {}

  async streams(): Promise<Seen<'streams'>> {
    const { STREAMS_MAX, STREAM_HEARTBEAT_MS } = this.settings;
    const dropped = await this.metrics.total('reprise_slow_clients_dropped_total');
    const { activeStreams } = this.stats;
    const found = `${activeStreams} of at most ${STREAMS_MAX} streams are open; ${dropped} clients were disconnected because they read nothing; a silent stream gets a sign of life every ${STREAM_HEARTBEAT_MS / 1000} s.`;
    if (activeStreams >= STREAMS_MAX) return { found, cause: 'full' };
    if (dropped > 0) return { found, cause: 'slow_clients' };
    return STREAM_HEARTBEAT_MS > PROXY_PATIENCE_MS ? { found, cause: 'heartbeat' } : { found };
  }

  proxy({ httpVersion, headers }: RequestWay): Promise<Seen<'proxy'>> {
    const named = PROXY_HEADERS.filter((name) => headers[name] !== undefined);
    if (httpVersion === '1.0')
      return Promise.resolve({ found: 'This request arrived as HTTP/1.0.', cause: 'http_1_0' });
    if (named.length === 0)
      return Promise.resolve({ found: `This request arrived as HTTP/${httpVersion}, and names no proxy.` });
    const found = `This request arrived as HTTP/${httpVersion} through a proxy (it has ${named.join(', ')}).`;
    return Promise.resolve({ found, cause: 'unknown' });
  }

  address(): Promise<Seen<'address'>> {
    const { HOST } = this.settings;
    const isLocal = HOST === 'localhost' || HOST === '::1' || /^127\./.test(HOST);
    const found = `The server listens on ${HOST}.`;
    return Promise.resolve(isLocal ? { found, cause: 'loopback' } : { found });
  }

  async refusals(): Promise<Seen<'refusals'>> {
    const [limited, unavailable] = await Promise.all(
      ['429', '503'].map((wanted) =>
        this.metrics.total('http_requests_total', ({ status }) => String(status) === wanted),
      ),
    );
    const found = `Since the start, ${limited ?? 0} requests were refused with 429, and ${unavailable ?? 0} with 503.`;
    if ((limited ?? 0) > 0) return { found, cause: 'limited' };
    return (unavailable ?? 0) > 0 ? { found, cause: 'unavailable' } : { found };
  }
}
