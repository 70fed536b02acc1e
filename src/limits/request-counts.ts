import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../platform/config/index.js';
import { RateCounter, type Counted } from '../platform/redis/index.js';

/** The window of the limit, seconds. */
export const WINDOW_S = 60;

/** Requests a minute unless a setting says otherwise. */
const USUAL = 100;

/** Counts the requests of each caller. */
@Injectable()
export class RequestCounts implements OnApplicationShutdown {
  /** Requests a minute. */
  readonly limit: number;
  private readonly counter: RateCounter;

  constructor(settings: Settings) {
    this.limit = settings.RATE_LIMIT_PER_MINUTE ?? USUAL;
    this.counter = new RateCounter(settings, { name: 'requests', limit: this.limit, windowS: WINDOW_S });
  }

  /** Counts one more. */
  count(caller: string): Promise<Counted> {
    return this.counter.count(caller);
  }

  onApplicationShutdown(): void {
    this.counter.close();
  }
}
