import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ToolsModule } from '../tools/index.js';
import { AbandonedCalls } from './calls/abandoned-calls.js';
import { Agent } from './loop/agent.js';
import { AgentModels } from './catalogue/agent-models.js';
import { AgentRegistry } from './catalogue/agent-registry.js';
import { AgentTools } from './catalogue/agent-tools.js';
import { AgentVersion, AgentVersions, AgentVersionSchema } from './catalogue/agent-versions.js';
import { ApprovalJournal } from './calls/approval-journal.js';
import { CallApprovals } from './calls/call-approvals.js';
import { CallLog } from './calls/call-log.js';
import { ModelsModule } from '../models/index.js';
import { FilesModule } from '../files/index.js';
import { QuestionFiles } from './attachments/question-files.js';
import { History } from './history/history.js';
import { ToolCallDocument, ToolCallSchema, ToolJournal } from './calls/tool-journal.js';
import { ModelAnnouncement } from './model-announcement.js';
import { ModelTurns } from './asking/model-turns.js';
import { RunPreparation } from './loop/run-preparation.js';
import { ToolSet, ToolSets, ToolSetSchema } from './turns/tool-sets.js';
import { SentMessages } from './turns/sent-messages.js';
import { ToolExecution } from './calls/tool-execution.js';
import { ToolRunner } from './calls/tool-runner.js';
import { AgentWatch } from './watch/agent-watch.js';
import { ModelWatch } from './watch/model-watch.js';
import { ToolWatch } from './watch/tool-watch.js';

/** The agent and its journal. */
@Module({
  imports: [
    FilesModule,
    ModelsModule,
    ToolsModule,
    MongooseModule.forFeature([
      { name: ToolCallDocument.name, schema: ToolCallSchema },
      { name: AgentVersion.name, schema: AgentVersionSchema },
      { name: ToolSet.name, schema: ToolSetSchema },
    ]),
  ],
  providers: [
    AbandonedCalls,
    Agent,
    AgentModels,
    AgentRegistry,
    AgentTools,
    AgentVersions,
    AgentWatch,
    ApprovalJournal,
    CallApprovals,
    CallLog,
    History,
    ModelAnnouncement,
    ModelTurns,
    ModelWatch,
    QuestionFiles,
    RunPreparation,
    SentMessages,
    ToolExecution,
    ToolJournal,
    ToolRunner,
    ToolSets,
    ToolWatch,
  ],
  exports: [
    AbandonedCalls,
    Agent,
    AgentRegistry,
    ApprovalJournal,
    CallApprovals,
    History,
    SentMessages,
    ToolJournal,
  ],
})
export class AgentModule {}
