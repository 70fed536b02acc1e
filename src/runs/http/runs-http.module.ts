import { Module } from '@nestjs/common';
import { RunsModule } from '../runs.module.js';
import { ApprovalsController } from './approvals.controller.js';
import { RunsController } from './runs.controller.js';
import { TurnsController } from './turns.controller.js';

/** Runs over HTTP. */
@Module({ imports: [RunsModule], controllers: [RunsController, ApprovalsController, TurnsController] })
export class RunsHttpModule {}
