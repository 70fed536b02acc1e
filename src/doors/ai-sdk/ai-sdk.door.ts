import { Module } from '@nestjs/common';
import { AgentModule } from '../../agent/index.js';
import { ChatsModule } from '../../chats/index.js';
import { FilesModule } from '../../files/index.js';
import { MessagesModule } from '../../messages/index.js';
import { RunsModule } from '../../runs/index.js';
import { StreamsModule } from '../../streams/index.js';
import { AiSdkChats } from './ai-sdk-chats.js';
import { AiSdkController } from './ai-sdk.controller.js';
import { UiDecisions } from './ui-decisions.js';
import { UiHistory } from './ui-history.js';
import { UiPosts } from './ui-posts.js';
import { UiQuestions } from './ui-questions.js';
import { UiStreams } from './ui-streams.js';

/** The door of the AI SDK: `useChat` and `Chat` of `ai` 7. */
@Module({
  imports: [AgentModule, ChatsModule, FilesModule, MessagesModule, RunsModule, StreamsModule],
  controllers: [AiSdkController],
  providers: [AiSdkChats, UiDecisions, UiHistory, UiPosts, UiQuestions, UiStreams],
})
export class AiSdkDoor {}
