export { RedisModule } from './redis.module.js';
export { RedisPubSub } from './redis-pub-sub.js';
export { checkRedis } from './check-redis.js';
export { RateCounter, type Counted, type RateCounterOptions } from './rate-counter.js';
