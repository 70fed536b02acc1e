import { AgentModule } from './agent/index.js';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { LiveRuntimeStats, StoredMessageCounter, StoredMessageLookup } from './bindings.js';
import { ChatsModule, MessageCounter } from './chats/index.js';
import { DocumentsModule, DocumentsService } from './documents/index.js';
import { aiSdk } from './doors/ai-sdk/index.js';
import { ReplayDoor } from './doors/replay/index.js';
import { StreamDoor } from './doors/stream/index.js';
import { HealthModule, RuntimeStats } from './health/index.js';
import { MessagesModule, RunQueue } from './messages/index.js';
import { ConfigModule, type Settings } from './platform/config/index.js';
import { ErasureModule } from './platform/erasure/index.js';
import { HttpModule } from './platform/http/index.js';
import { LoggingModule } from './platform/logging/index.js';
import { MongoModule } from './platform/mongo/index.js';
import { TelemetryModule } from './platform/telemetry/index.js';
import { RedisModule } from './platform/redis/index.js';
import { RunControl, RunQueueModule, RunsModule } from './runs/index.js';
import { DialectRegistry, MessageLookup, StreamsModule, v1, v1Unnamed } from './streams/index.js';
import { Corpus } from './tools/index.js';
import { UsersModule } from './users/index.js';
import { WebModule } from './web/index.js';

/** The dialects in which a log can be read: `?dialect=`. */
const DIALECTS = [v1, v1Unnamed, aiSdk];

/** The doors through which people reach the logs. */
const DOORS = [StreamDoor, ReplayDoor];

/**
 * Ports whose implementation is in a module above: dependencies between modules point one way, these bindings close
 * the loop.
 */
@Global()
@Module({
  imports: [RunsModule, AgentModule, MessagesModule, StreamsModule, DocumentsModule],
  providers: [
    { provide: RunQueue, useExisting: RunControl },
    { provide: MessageLookup, useClass: StoredMessageLookup },
    { provide: MessageCounter, useClass: StoredMessageCounter },
    { provide: RuntimeStats, useClass: LiveRuntimeStats },
    { provide: Corpus, useExisting: DocumentsService },
    { provide: DialectRegistry, useValue: new DialectRegistry(DIALECTS) },
  ],
  exports: [RuntimeStats, RunQueue, MessageLookup, MessageCounter, Corpus, DialectRegistry],
})
class BindingsModule {}

/** The map of the application. */
@Module({})
export class AppModule {
  static with(settings: Settings, mongoUri: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(settings),
        MongoModule.with(mongoUri, settings),
        LoggingModule,
        TelemetryModule,
        ErasureModule,
        WebModule,
        HttpModule,
        RedisModule.with(settings),
        BindingsModule,
        UsersModule,
        ChatsModule,
        MessagesModule,
        StreamsModule,
        RunsModule,
        RunQueueModule.with(settings),
        DocumentsModule,
        HealthModule,
        ...DOORS,
      ],
    };
  }
}
