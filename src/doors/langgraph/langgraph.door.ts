import { Module } from '@nestjs/common';
import { AgentModule } from '../../agent/index.js';
import { ChatsModule } from '../../chats/index.js';
import { MessagesModule } from '../../messages/index.js';
import { RunsModule } from '../../runs/index.js';
import { StreamsModule } from '../../streams/index.js';
import { LangGraphAssistantsController } from './assistants.controller.js';
import { LangGraphInfoController } from './info.controller.js';
import { LangGraphRunsController } from './runs.controller.js';
import { Resumptions } from './runs/resumptions.js';
import { RunDialects } from './runs/run-dialects.js';
import { RunRequests } from './runs/run-requests.js';
import { RunResults } from './runs/run-results.js';
import { RunStreams } from './runs/run-streams.js';
import { RunWork } from './runs/run-work.js';
import { StreamedRuns } from './runs/streamed-runs.js';
import { ThreadRuns } from './runs/thread-runs.js';
import { LangGraphStatelessRunsController } from './stateless.controller.js';
import { LangGraphStatesController } from './states.controller.js';
import { LangGraphStreamsController } from './streams.controller.js';
import { LangGraphThreadsController } from './threads.controller.js';
import { RunMessages } from './threads/run-messages.js';
import { ThreadSearch } from './threads/thread-search.js';
import { ThreadStates } from './threads/thread-states.js';
import { Threads } from './threads/threads.js';

/** The door for LangGraph's clients: `apiUrl: …/api/langgraph` (docs/doors/langgraph.md). */
@Module({
  imports: [AgentModule, ChatsModule, MessagesModule, RunsModule, StreamsModule],
  controllers: [
    LangGraphInfoController,
    LangGraphAssistantsController,
    LangGraphThreadsController,
    LangGraphStatesController,
    LangGraphStreamsController,
    LangGraphStatelessRunsController,
    LangGraphRunsController,
  ],
  providers: [
    Resumptions,
    RunDialects,
    RunMessages,
    RunRequests,
    RunResults,
    RunStreams,
    RunWork,
    StreamedRuns,
    ThreadRuns,
    ThreadSearch,
    ThreadStates,
    Threads,
  ],
})
export class LangGraphDoor {}
