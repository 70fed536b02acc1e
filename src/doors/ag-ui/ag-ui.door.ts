import { Module } from '@nestjs/common';
import { AgentModule } from '../../agent/index.js';
import { ChatsModule } from '../../chats/index.js';
import { FilesModule } from '../../files/index.js';
import { ClientQuestions } from '../../messages/http/index.js';
import { MessagesModule } from '../../messages/index.js';
import { ClientDecisions } from '../../runs/http/index.js';
import { RunsModule } from '../../runs/index.js';
import { StreamsModule } from '../../streams/index.js';
import { AgHistory } from './ag-history.js';
import { AgStreams } from './ag-streams.js';
import { AgThreads } from './ag-threads.js';
import { AgUiController } from './ag-ui.controller.js';

/** The door of AG-UI: `HttpAgent` of `@ag-ui/client` 1.0. */
@Module({
  imports: [AgentModule, ChatsModule, FilesModule, MessagesModule, RunsModule, StreamsModule],
  controllers: [AgUiController],
  providers: [AgHistory, AgStreams, AgThreads, ClientDecisions, ClientQuestions],
})
export class AgUiDoor {}
