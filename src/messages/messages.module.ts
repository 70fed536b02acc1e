import { Module } from '@nestjs/common';
import { ChatsModule } from '../chats/index.js';
import { ConversationReader } from './conversation-reader.js';
import { Conversation } from './conversation.js';
import { MessageTimes } from './message-times.js';
import { RunRecordModule } from '../run-record/index.js';
import { MessagesRepository } from './messages.repository.js';
import { MessagesService } from './messages.service.js';
import { OwnerFill } from './owner-fill.js';

/** Messages and their runs. Needs a `RunQueue` from the application. */
@Module({
  imports: [ChatsModule, RunRecordModule],
  providers: [MessagesRepository, MessagesService, MessageTimes, Conversation, ConversationReader, OwnerFill],
  exports: [MessagesService, MessagesRepository, MessageTimes, Conversation],
})
export class MessagesModule {}
