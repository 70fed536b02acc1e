import { BullModule } from '@nestjs/bullmq';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Settings } from '../config/index.js';
import { RedisPubSub } from './redis-pub-sub.js';

/** Redis, if `REDIS_URL` is set: pub/sub and the queues' connection. Without it the module is empty. */
@Global()
@Module({})
export class RedisModule {
  static with(settings: Settings): DynamicModule {
    if (settings.REDIS_URL === undefined) return { module: RedisModule };
    // BullMQ prints its opinion of a Redis to the console as plain text: RedisPubSub checks and logs instead.
    const connection = { url: settings.REDIS_URL, enableOfflineQueue: false, skipVersionCheck: true };
    return {
      module: RedisModule,
      imports: [BullModule.forRoot({ connection, prefix: `${settings.REDIS_PREFIX}:queue` })],
      providers: [RedisPubSub],
      exports: [RedisPubSub],
    };
  }
}
