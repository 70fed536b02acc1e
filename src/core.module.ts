import { Global, Module, type DynamicModule } from '@nestjs/common';
import { AgentModule } from './agent/index.js';
import {
  BudgetOfUser,
  FollowUps,
  LiveRuntimeStats,
  ModelsOfAgents,
  Peers,
  StoredCorpus,
  StoredMessageCounter,
  StoredMessageLookup,
} from './bindings.js';
import { BudgetsModule } from './budgets/index.js';
import { bind } from './common/index.js';
import { ChatsModule, MessageCounter, ModelChoice } from './chats/index.js';
import { DocumentsModule } from './documents/index.js';
import { RuntimeFacts, RuntimeStats } from './health/index.js';
import { McpModule } from './mcp/index.js';
import { MessageBudget, MessagesModule, RunQueue } from './messages/index.js';
import { ModelsModule } from './models/index.js';
import { ConfigModule, type Settings } from './platform/config/index.js';
import { ErasureModule } from './platform/erasure/index.js';
import { LoggingModule } from './platform/logging/index.js';
import { MongoModule } from './platform/mongo/index.js';
import { RedisModule } from './platform/redis/index.js';
import { TelemetryModule } from './platform/telemetry/index.js';
import { RunControl, RunFollowUp, RunQueueModule, RunsModule } from './runs/index.js';
import { MessageLookup, StreamsModule } from './streams/index.js';
import { ToolboxModule } from './toolbox/index.js';
import { SummariesModule } from './summaries/index.js';
import { TitlesModule } from './titles/index.js';
import { Corpus } from './tools/index.js';
import { UsersModule } from './users/index.js';
import { StoredRuntimeFacts } from './runtime-facts.js';

/** Ports whose implementation sits above them: arrows between modules run one way, these bindings close the circle. */
@Global()
@Module({
  imports: [
    RunsModule,
    AgentModule,
    ModelsModule,
    McpModule,
    MessagesModule,
    BudgetsModule,
    StreamsModule,
    DocumentsModule,
    TitlesModule,
    SummariesModule,
  ],
  providers: [
    bind(RunQueue, { useExisting: RunControl }),
    bind(MessageBudget, { useClass: BudgetOfUser }),
    bind(RunFollowUp, { useClass: FollowUps }),
    bind(MessageLookup, { useClass: StoredMessageLookup }),
    bind(MessageCounter, { useClass: StoredMessageCounter }),
    bind(ModelChoice, { useClass: ModelsOfAgents }),
    Peers,
    bind(RuntimeStats, { useClass: LiveRuntimeStats }),
    bind(RuntimeFacts, { useClass: StoredRuntimeFacts }),
    bind(Corpus, { useClass: StoredCorpus }),
  ],
  exports: [
    MessageBudget,
    RuntimeFacts,
    RuntimeStats,
    RunFollowUp,
    RunQueue,
    MessageLookup,
    MessageCounter,
    ModelChoice,
    Corpus,
  ],
})
class BindingsModule {}

/** Everything but HTTP: what a worker and a command need. */
@Module({})
export class CoreModule {
  static with(settings: Settings, mongoUri: string): DynamicModule {
    return {
      module: CoreModule,
      imports: [
        ConfigModule.with(settings),
        MongoModule.with(mongoUri, settings),
        LoggingModule,
        TelemetryModule,
        ErasureModule,
        RedisModule.with(settings),
        BindingsModule,
        UsersModule,
        ChatsModule,
        MessagesModule,
        StreamsModule,
        RunsModule,
        RunQueueModule.with(settings),
        DocumentsModule,
        McpModule,
        ToolboxModule.with(settings),
      ],
    };
  }
}
