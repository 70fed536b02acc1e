import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { DialectRegistry } from './dialects/index.js';
import { Settings } from '../platform/config/index.js';
import { RedisPubSub } from '../platform/redis/index.js';
import { EventBus, LocalEventBus } from './event-bus.js';
import { EventLog } from './event-log.js';
import { Follower } from './follow.js';
import { GroupCommit } from './group-commit.js';
import { LiveTail } from './live-tail.js';
import { MESSAGE_EVENT, messageEventSchema } from './message-event.schema.js';
import { MongoEventLog } from './mongo-event-log.js';
import { PageCache } from './page-cache.js';
import { RedisEventBus } from './redis-event-bus.js';
import { ReplayController } from './replay.controller.js';
import { StreamTransport } from './stream-transport.js';
import { StreamsController } from './streams.controller.js';
import { StreamsService } from './streams.service.js';

/** The heart: logs, their tails, and the doors to both. Needs a `MessageLookup` from the application. */
@Module({
  imports: [MongooseModule.forFeature([{ name: MESSAGE_EVENT, schema: messageEventSchema }])],
  controllers: [StreamsController, ReplayController],
  providers: [
    { provide: EventLog, useClass: MongoEventLog },
    {
      provide: EventBus,
      useFactory: (settings: Settings, redis?: RedisPubSub) =>
        redis ? new RedisEventBus(redis, settings.BUS_RECHECK_MS) : new LocalEventBus(),
      inject: [Settings, { token: RedisPubSub, optional: true }],
    },
    DialectRegistry,
    GroupCommit,
    PageCache,
    LiveTail,
    Follower,
    StreamTransport,
    StreamsService,
  ],
  exports: [StreamsService, StreamTransport, DialectRegistry],
})
export class StreamsModule {}
