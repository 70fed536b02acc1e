import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ChatsModule } from '../chats/index.js';
import { Conversation } from './conversation.js';
import { MessageTimes } from './message-times.js';
import { MESSAGE, messageSchema } from './message.schema.js';
import { MessagesController } from './messages.controller.js';
import { MessagesRepository } from './messages.repository.js';
import { MessagesService } from './messages.service.js';

/** Messages and the runs they carry. Needs a `RunQueue` from the application. */
@Module({
  imports: [ChatsModule, MongooseModule.forFeature([{ name: MESSAGE, schema: messageSchema }])],
  controllers: [MessagesController],
  providers: [MessagesRepository, MessagesService, MessageTimes, Conversation],
  exports: [MessagesService, MessagesRepository, MessageTimes, Conversation, MongooseModule],
})
export class MessagesModule {}
