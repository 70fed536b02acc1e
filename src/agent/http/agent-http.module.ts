import { Module } from '@nestjs/common';
import { AgentModule } from '../agent.module.js';
import { AgentsController } from './agents.controller.js';

/** The list of agents over HTTP. */
@Module({ imports: [AgentModule], controllers: [AgentsController] })
export class AgentHttpModule {}
