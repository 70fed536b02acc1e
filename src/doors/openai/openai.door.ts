import { Module } from '@nestjs/common';
import { AgentModule } from '../../agent/index.js';
import { ChatsModule } from '../../chats/index.js';
import { FilesModule } from '../../files/index.js';
import { MessagesModule } from '../../messages/index.js';
import { RunsModule } from '../../runs/index.js';
import { StreamsModule } from '../../streams/index.js';
import { Answers } from './answers.js';
import { ChatCompletionsController } from './chat/chat.controller.js';
import { ChatCompletions } from './chat/chat.service.js';
import { OpenAiChats } from './chats.js';
import { ConversationsController } from './conversations.controller.js';
import { OpenAiDecisions } from './decisions.js';
import { ModelsController } from './models.controller.js';
import { OpenAiQuestions } from './questions.js';
import { Repeats } from './repeats.js';
import { ResponseErasure } from './responses/response-erasure.js';
import { ResponseQuestions } from './responses/response-questions.js';
import { ResponseStreams } from './responses/response-streams.js';
import { ResponsesController } from './responses/responses.controller.js';
import { ResponsesService } from './responses/responses.service.js';
import { StoredResponses } from './responses/stored-responses.js';
import { SentFiles } from './sent-files.js';

/** OpenAI's API, so that its clients, and front ends for it, work with agents: `/v1`. */
@Module({
  imports: [AgentModule, ChatsModule, FilesModule, MessagesModule, RunsModule, StreamsModule],
  controllers: [ResponsesController, ConversationsController, ModelsController, ChatCompletionsController],
  providers: [
    Answers,
    ChatCompletions,
    OpenAiChats,
    OpenAiDecisions,
    OpenAiQuestions,
    Repeats,
    ResponseErasure,
    ResponseQuestions,
    ResponseStreams,
    ResponsesService,
    SentFiles,
    StoredResponses,
  ],
})
export class OpenAiDoor {}
