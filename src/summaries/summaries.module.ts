import { Module } from '@nestjs/common';
import { AgentModule } from '../agent/index.js';
import { MessagesModule } from '../messages/index.js';
import { ModelsModule } from '../models/index.js';
import { LeftOut } from './left-out.js';
import { Summariser } from './summariser.js';
import { SummaryWriter } from './summary-writer.js';

/** Summaries of what conversations are too long for. */
@Module({
  imports: [AgentModule, MessagesModule, ModelsModule],
  providers: [LeftOut, SummaryWriter, Summariser],
  exports: [Summariser],
})
export class SummariesModule {}
