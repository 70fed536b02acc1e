import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { UsersModule } from '../users/index.js';
import { CHAT, chatSchema } from './chat.schema.js';
import { ChatOrder } from './chat-order.js';
import { ChatPlaces } from './chat-places.js';
import { ChatSearch } from './chat-search.js';
import { ChatsService } from './chats.service.js';
import { ExternalChats } from './external-chats.js';
import { TemporaryChats } from './temporary-chats.js';

/** Chats. Needs a global provider of `MessageCounter` and the `ErasureModule`. */
@Module({
  imports: [UsersModule, MongooseModule.forFeature([{ name: CHAT, schema: chatSchema }])],
  providers: [ChatsService, ExternalChats, ChatSearch, ChatOrder, ChatPlaces, TemporaryChats],
  exports: [ChatsService, ExternalChats, ChatSearch, ChatPlaces, TemporaryChats],
})
export class ChatsModule {}
