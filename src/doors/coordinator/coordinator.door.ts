import { Module } from '@nestjs/common';
import { AgentModule } from '../../agent/index.js';
import { MessagesModule } from '../../messages/index.js';
import { StreamsHttpModule } from '../../streams/http/index.js';
import { StreamsModule } from '../../streams/index.js';
import { AgentStreams } from './agent-streams.js';
import { CoordinatorController } from './coordinator.controller.js';
import { FinishedRuns } from './finished-runs.js';
import { CoordinatorOverviewController } from './overview.controller.js';
import { AgentStreamController } from './stream.controller.js';
import { WorkflowRuns } from './workflow-runs.js';

/** Agents and workflows without chats: `/api/stream`, `/api/coordinator` (docs/doors/coordinator.md). */
@Module({
  imports: [AgentModule, MessagesModule, StreamsModule, StreamsHttpModule],
  controllers: [AgentStreamController, CoordinatorController, CoordinatorOverviewController],
  providers: [AgentStreams, WorkflowRuns, FinishedRuns],
})
export class CoordinatorDoor {}
