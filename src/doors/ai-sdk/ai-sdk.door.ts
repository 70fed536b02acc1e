import { Module } from '@nestjs/common';
import { ChatsModule } from '../../chats/index.js';
import { FilesModule } from '../../files/index.js';
import { ClientQuestions } from '../../messages/http/index.js';
import { MessagesModule } from '../../messages/index.js';
import { ClientDecisions } from '../../runs/http/index.js';
import { RunsModule } from '../../runs/index.js';
import { StreamsModule } from '../../streams/index.js';
import { AiSdkChats } from './ai-sdk-chats.js';
import { AiSdkController } from './ai-sdk.controller.js';
import { UiHistory } from './ui-history.js';
import { UiPosts } from './ui-posts.js';
import { UiStreams } from './ui-streams.js';

/** The door of the AI SDK: `useChat` and `Chat` of `ai` 7. */
@Module({
  imports: [ChatsModule, FilesModule, MessagesModule, RunsModule, StreamsModule],
  controllers: [AiSdkController],
  providers: [AiSdkChats, ClientDecisions, ClientQuestions, UiHistory, UiPosts, UiStreams],
})
export class AiSdkDoor {}
