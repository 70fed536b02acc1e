import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { UsersModule } from '../users/index.js';
import { CHAT, chatSchema } from './chat.schema.js';
import { ChatsController } from './chats.controller.js';
import { ChatsService } from './chats.service.js';
import { UserChatsController } from './user-chats.controller.js';

/** Chats. Needs a global provider of `MessageCounter` and the `ErasureModule`. */
@Module({
  imports: [UsersModule, MongooseModule.forFeature([{ name: CHAT, schema: chatSchema }])],
  controllers: [UserChatsController, ChatsController],
  providers: [ChatsService],
  exports: [ChatsService],
})
export class ChatsModule {}
