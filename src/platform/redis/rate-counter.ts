import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Settings } from '../config/index.js';

/** What one caller has done in the present window. */
export interface Counted {
  count: number;
  /** Until the next window. */
  seconds: number;
}

/** What is counted. */
export interface RateCounterOptions {
  /** Part of its keys in Redis. */
  name: string;
  /** What is above need not be counted exactly. */
  limit: number;
  windowS: number;
}

/** Redis must not delay a request longer than this; then the process counts by itself. */
const REDIS_PATIENCE_MS = 250;

/**
 * Counts something for each caller: in Redis if there is one, so that all processes count together, else in memory.
 * While Redis does not answer, each process counts what it sees.
 */
export class RateCounter {
  private readonly redis: Redis | undefined;
  private readonly limiter: RateLimiterMemory | RateLimiterRedis;

  constructor(settings: Pick<Settings, 'REDIS_URL' | 'REDIS_PREFIX'>, options: RateCounterOptions) {
    const { name, limit, windowS } = options;
    const rule = { points: limit, duration: windowS, keyPrefix: `${settings.REDIS_PREFIX}:${name}` };
    const memory = new RateLimiterMemory(rule);
    this.redis = connect(settings);
    this.limiter = this.redis
      ? new RateLimiterRedis({
          ...rule,
          storeClient: this.redis,
          insuranceLimiter: memory,
          rejectIfRedisNotReady: true,
          inMemoryBlockOnConsumed: limit + 1, // a flood costs no commands
        })
      : memory;
  }

  /** Counts one more. */
  async count(caller: string): Promise<Counted> {
    const found = await this.limiter.consume(caller).catch((error: unknown) => {
      if (error instanceof RateLimiterRes) return error;
      throw error;
    });
    return { count: found.consumedPoints, seconds: Math.max(1, Math.ceil(found.msBeforeNext / 1000)) };
  }

  /** Takes one back: it was not what is counted. */
  async uncount(caller: string): Promise<void> {
    await this.limiter.reward(caller);
  }

  /** Begins anew for this caller. */
  async forget(caller: string): Promise<void> {
    await this.limiter.delete(caller);
  }

  close(): void {
    this.redis?.disconnect();
  }
}

function connect({ REDIS_URL }: Pick<Settings, 'REDIS_URL'>): Redis | undefined {
  if (REDIS_URL === undefined) return undefined;
  const redis = new Redis(REDIS_URL, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: REDIS_PATIENCE_MS,
  });
  redis.on('error', () => undefined); // /health tells about Redis
  return redis;
}
