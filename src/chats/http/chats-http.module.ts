import { Module } from '@nestjs/common';
import { ChatsModule } from '../chats.module.js';
import { ChatsController } from './chats.controller.js';
import { UserChatsController } from './user-chats.controller.js';

/** Chats over HTTP. */
@Module({ imports: [ChatsModule], controllers: [ChatsController, UserChatsController] })
export class ChatsHttpModule {}
