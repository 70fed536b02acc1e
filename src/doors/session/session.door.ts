import { Module } from '@nestjs/common';
import { AgentModule } from '../../agent/index.js';
import { ChatsModule } from '../../chats/index.js';
import { MessagesModule } from '../../messages/index.js';
import { StreamsHttpModule } from '../../streams/http/index.js';
import { ToolsModule } from '../../tools/index.js';
import { DiscoveryController } from './discovery.controller.js';
import { SessionMessages } from './session-messages.js';
import { ChatSessionsController } from './sessions.controller.js';
import { Sessions } from './sessions.js';
import { SessionStreamController } from './stream.controller.js';

/** Chats as sessions: `/chat/stream`, `/chat/session`, `/discover` (docs/doors/session.md). */
@Module({
  imports: [AgentModule, ChatsModule, MessagesModule, StreamsHttpModule, ToolsModule],
  controllers: [SessionStreamController, ChatSessionsController, DiscoveryController],
  providers: [Sessions, SessionMessages],
})
export class SessionDoor {}
