import type { Registry } from 'prom-client';
import { sameCounter, sameHistogram } from './same-figures.js';
import { counter, gauge, histogram } from './figures.js';

/** One answered request. */
export interface RequestSample {
  method: string;
  /** Route template, e.g. `/api/chats/:chat_id`; never a path with ids, which would be an unbounded label. */
  route: string;
  status: number;
  seconds: number;
}

/** What clients ask. */
export class HttpMetrics {
  private readonly requests;
  private readonly durations;
  private readonly active;

  constructor(registry: Registry) {
    this.requests = counter([registry], {
      name: 'http_requests_total',
      help: 'Requests answered, by route template.',
      labels: ['method', 'route', 'status'],
    });
    this.durations = histogram([registry], {
      name: 'http_request_duration_seconds',
      help: 'Time from the request to the end of its response, by route template; a stream lasts as long as it is watched.',
      labels: ['method', 'route'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
    });
    this.active = gauge([registry], {
      name: 'app_active_requests',
      help: 'Requests that are being answered, open streams included.',
    });
    sameCounter(registry, this.requests, {
      name: 'app_requests_total',
      help: 'The figures of http_requests_total; status is success below 400, else error.',
      relabel: ({ method, route, status }) => ({
        method,
        endpoint: route,
        status: Number(status) < 400 ? 'success' : 'error',
      }),
    });
    sameHistogram(registry, this.durations, {
      name: 'app_request_duration_seconds',
      help: 'The figures of http_request_duration_seconds.',
      relabel: ({ route, ...labels }) => ({ ...labels, endpoint: route }),
    });
  }

  /** A request has arrived. */
  begin(): void {
    this.active.inc();
  }

  /** Its response has ended, complete or not. */
  end({ method, route, status, seconds }: RequestSample): void {
    this.active.dec();
    this.requests.inc({ method, route, status });
    this.durations.observe({ method, route }, seconds);
  }
}
