import { Module } from '@nestjs/common';
import { FollowableMessages } from '../../messages/http/index.js';
import { RunsModule } from '../runs.module.js';
import { ApprovalsController } from './approvals.controller.js';
import { RunsController } from './runs.controller.js';
import { TurnsController } from './turns.controller.js';

/** Runs over HTTP. */
@Module({
  imports: [RunsModule],
  controllers: [RunsController, ApprovalsController, TurnsController],
  providers: [FollowableMessages],
})
export class RunsHttpModule {}
