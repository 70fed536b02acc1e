import { Module } from '@nestjs/common';
import { ChatsModule } from '../chats/index.js';
import { ModelsModule } from '../models/index.js';
import { ChatTitler } from './chat-titler.js';

/** Titles that the model gives to chats. */
@Module({ imports: [ChatsModule, ModelsModule], providers: [ChatTitler], exports: [ChatTitler] })
export class TitlesModule {}
