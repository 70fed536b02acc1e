import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ChatsModule } from '../chats/index.js';
import { Admission } from './admission.js';
import { Branches } from './branches.js';
import { ChatNews } from './chat-news.js';
import { ChatQueue } from './chat-queue.js';
import { ClientMessages } from './client-messages.js';
import { ConversationSummaries } from './conversation-summaries.js';
import { SUMMARY, summarySchema } from './summary.schema.js';
import { ConversationReader } from './conversation-reader.js';
import { Conversation } from './conversation.js';
import { DOOR_MARK, doorMarkSchema } from './door-mark.schema.js';
import { DoorRuns } from './door-runs.js';
import { FirstQuestions } from './first-questions.js';
import { EarlierMessages } from './earlier-messages.js';
import { FilesModule } from '../files/index.js';
import { RunRecordModule } from '../run-record/index.js';
import { MessageList } from './message-list.js';
import { MessagesRepository } from './messages.repository.js';
import { MessagesService } from './messages.service.js';
import { OpenRuns } from './open-runs.js';
import { OwnerFill } from './owner-fill.js';
import { References } from './references.js';

/** Messages and their runs. Needs a `RunQueue` and a `MessageBudget` from the application. */
@Module({
  imports: [
    ChatsModule,
    FilesModule,
    RunRecordModule,
    MongooseModule.forFeature([
      { name: SUMMARY, schema: summarySchema },
      { name: DOOR_MARK, schema: doorMarkSchema },
    ]),
  ],
  providers: [
    MessagesRepository,
    MessagesService,
    MessageList,
    Admission,
    Branches,
    ChatNews,
    ChatQueue,
    ClientMessages,
    Conversation,
    ConversationReader,
    ConversationSummaries,
    DoorRuns,
    FirstQuestions,
    EarlierMessages,
    OpenRuns,
    OwnerFill,
    References,
  ],
  exports: [
    ChatNews,
    MessagesService,
    DoorRuns,
    FirstQuestions,
    MessageList,
    MessagesRepository,
    ChatQueue,
    ClientMessages,
    Conversation,
    ConversationSummaries,
    EarlierMessages,
  ],
})
export class MessagesModule {}
