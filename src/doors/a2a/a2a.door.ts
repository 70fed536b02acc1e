import { Module } from '@nestjs/common';
import { AgentModule } from '../../agent/index.js';
import { ChatsModule } from '../../chats/index.js';
import { MessagesModule } from '../../messages/index.js';
import { RunsModule } from '../../runs/index.js';
import { StreamsModule } from '../../streams/index.js';
import { A2aController } from './a2a.controller.js';
import { A2aCalls } from './calls.js';
import { A2aQuestions } from './questions.js';
import { CardController } from './card.controller.js';
import { TaskStreams } from './streams.js';
import { Tasks } from './tasks.js';

/** A2A 1.0: other agents call this deployment's. */
@Module({
  imports: [AgentModule, ChatsModule, MessagesModule, RunsModule, StreamsModule],
  controllers: [A2aController, CardController],
  providers: [A2aCalls, A2aQuestions, TaskStreams, Tasks],
})
export class A2aDoor {}
