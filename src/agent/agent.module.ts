import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { bind, Clock, Pause, TimerPause } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { ToolsModule } from '../tools/index.js';
import { AbandonedCalls } from './abandoned-calls.js';
import { Agent } from './agent.js';
import { AgentRegistry } from './agents.js';
import { ChatModel } from './chat-model.js';
import { History } from './history.js';
import { ToolCallDocument, ToolCallSchema, ToolJournal } from './tool-journal.js';
import { ModelAnnouncement } from './model-announcement.js';
import { ModelTurns } from './model-turns.js';
import { OfflineModel } from './models/offline-model.js';
import { OpenAiModel } from './models/openai-model.js';
import { RunPreparation } from './run-preparation.js';
import { ToolExecution } from './tool-execution.js';
import { ToolRunner } from './tool-runner.js';

/** A provider if one is configured, else the offline model. */
function chooseModel(settings: Settings, clock: Clock, pause: Pause): ChatModel {
  const configured = settings.OPENAI_API_KEY !== undefined || settings.OPENAI_BASE_URL !== undefined;
  return configured ? new OpenAiModel(settings, clock) : new OfflineModel(pause);
}

/** The agent, its journal and its model. */
@Module({
  imports: [
    ToolsModule,
    MongooseModule.forFeature([{ name: ToolCallDocument.name, schema: ToolCallSchema }]),
  ],
  providers: [
    bind(Pause, { useClass: TimerPause }),
    bind(ChatModel, { useFactory: chooseModel, inject: [Settings, Clock, Pause] }),
    AbandonedCalls,
    Agent,
    AgentRegistry,
    History,
    ModelAnnouncement,
    ModelTurns,
    RunPreparation,
    ToolExecution,
    ToolJournal,
    ToolRunner,
  ],
  exports: [AbandonedCalls, Agent, AgentRegistry, ChatModel, ToolJournal],
})
export class AgentModule {}
