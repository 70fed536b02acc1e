import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { bind } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { RedisPubSub } from '../platform/redis/index.js';
import { LogAccess } from './log-access.js';
import { LogReader } from './live/log-reader.js';
import { LiveTail } from './live/live-tail.js';
import { PageCache } from './live/page-cache.js';
import { RedisEventBus } from './live/redis-event-bus.js';
import { CommitPace } from './log/commit-pace.js';
import { EventBus, LocalEventBus } from './log/event-bus.js';
import { EventLog } from './log/event-log.js';
import { GroupCommit } from './log/group-commit.js';
import { LogCheck } from './log/log-check.js';
import { MESSAGE_EVENT, messageEventSchema } from './log/message-event.schema.js';
import { MongoEventLog } from './log/mongo-event-log.js';
import { StreamsService } from './streams.service.js';
import { StreamPlaces } from './wire/stream-places.js';
import { StreamTransport } from './wire/stream-transport.js';

/**
 * The core: logs, their tails, and the transport through which doors stream. Needs a `MessageLookup` from the
 * application.
 */
@Module({
  imports: [MongooseModule.forFeature([{ name: MESSAGE_EVENT, schema: messageEventSchema }])],
  providers: [
    bind(EventLog, { useClass: MongoEventLog }),
    bind(EventBus, {
      useFactory: (settings: Settings, redis?: RedisPubSub) =>
        redis ? new RedisEventBus(redis, settings.BUS_RECHECK_MS) : new LocalEventBus(),
      inject: [Settings, { token: RedisPubSub, optional: true }],
    }),
    CommitPace,
    GroupCommit,
    PageCache,
    LiveTail,
    LogReader,
    LogCheck,
    LogAccess,
    StreamPlaces,
    StreamTransport,
    StreamsService,
  ],
  exports: [LogAccess, LogCheck, StreamPlaces, StreamTransport, StreamsService],
})
export class StreamsModule {}
