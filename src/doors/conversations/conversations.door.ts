import { Module } from '@nestjs/common';
import { ChatsModule } from '../../chats/index.js';
import { FollowableMessages } from '../../messages/http/index.js';
import { MessagesModule } from '../../messages/index.js';
import { HandshakeScopes } from '../../platform/http/index.js';
import { StreamsModule } from '../../streams/index.js';
import { ToolsModule } from '../../tools/index.js';
import { StreamsHttpModule } from '../../streams/http/index.js';
import { Answers } from './http/answers.js';
import { ChatStreamController } from './http/chat-stream.controller.js';
import { ConversationsController } from './http/conversations.controller.js';
import { TalkMessageController } from './http/talk-message.controller.js';
import { TalkMessagesController } from './http/talk-messages.controller.js';
import { ConversationsGateway } from './socket/conversations.gateway.js';
import { TalkServices } from './socket/talk-services.js';
import { TalkToolsController } from './http/talk-tools.controller.js';

/** Chats as conversations, with answers as `data:` frames of five types. */
@Module({
  imports: [ChatsModule, MessagesModule, StreamsHttpModule, StreamsModule, ToolsModule],
  controllers: [
    ConversationsController,
    TalkMessagesController,
    TalkMessageController,
    ChatStreamController,
    TalkToolsController,
  ],
  providers: [Answers, ConversationsGateway, FollowableMessages, HandshakeScopes, TalkServices],
})
export class ConversationsDoor {}
