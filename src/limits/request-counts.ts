import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Settings } from '../platform/config/index.js';

/** Requests of one caller in the present window. */
export interface Counted {
  requests: number;
  /** Until the next window. */
  seconds: number;
}

/** The window of the limit, seconds. */
export const WINDOW_S = 60;

/** Requests a minute unless a setting says otherwise. */
const USUAL = 100;

/** Redis must not delay a request longer than this; then the process counts by itself. */
const REDIS_PATIENCE_MS = 250;

/**
 * Counts the requests of each caller: in Redis if there is one, so that all processes count together, else in memory.
 * While Redis does not answer, each process counts what it sees.
 */
@Injectable()
export class RequestCounts implements OnApplicationShutdown {
  /** Requests a minute. */
  readonly limit: number;
  private readonly redis: Redis | undefined;
  private readonly limiter: RateLimiterMemory | RateLimiterRedis;

  constructor(settings: Settings) {
    this.limit = settings.RATE_LIMIT_PER_MINUTE ?? USUAL;
    const options = {
      points: this.limit,
      duration: WINDOW_S,
      keyPrefix: `${settings.REDIS_PREFIX}:requests`,
    };
    const memory = new RateLimiterMemory(options);
    this.redis = connect(settings);
    this.limiter = this.redis
      ? new RateLimiterRedis({
          ...options,
          storeClient: this.redis,
          insuranceLimiter: memory,
          rejectIfRedisNotReady: true,
          inMemoryBlockOnConsumed: this.limit + 1, // a flood costs no commands
        })
      : memory;
  }

  /** Counts one more. */
  async count(caller: string): Promise<Counted> {
    const found = await this.limiter.consume(caller).catch((error: unknown) => {
      if (error instanceof RateLimiterRes) return error;
      throw error;
    });
    return { requests: found.consumedPoints, seconds: Math.max(1, Math.ceil(found.msBeforeNext / 1000)) };
  }

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }
}

function connect({ REDIS_URL }: Settings): Redis | undefined {
  if (REDIS_URL === undefined) return undefined;
  const redis = new Redis(REDIS_URL, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: REDIS_PATIENCE_MS,
  });
  redis.on('error', () => undefined); // /health tells about Redis
  return redis;
}
