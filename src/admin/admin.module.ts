import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuditModule } from '../audit/index.js';
import { HealthModule } from '../health/index.js';
import { RunRecordModule } from '../run-record/index.js';
import { UsersModule } from '../users/index.js';
import { AdminViews } from './admin-views.js';
import { AuditController } from './audit/audit.controller.js';
import { AdminHealthController } from './health/health.controller.js';
import { OpenWorkReader } from './health/open-work.js';
import { LooksGuard } from './looks/looks.guard.js';
import { Owners } from './looks/owners.js';
import { RunList } from './runs/run-list.js';
import { AdminRunsController } from './runs/runs.controller.js';
import { UsageController } from './usage/usage.controller.js';
import { UsageSums } from './usage/usage-sums.js';
import { AdminUsersController } from './users/users.controller.js';

/** What administrators of a tenant see of it. */
@Module({
  imports: [AuditModule, HealthModule, RunRecordModule, UsersModule],
  controllers: [
    AuditController,
    AdminRunsController,
    UsageController,
    AdminHealthController,
    AdminUsersController,
  ],
  providers: [
    AdminViews,
    RunList,
    UsageSums,
    OpenWorkReader,
    Owners,
    { provide: APP_GUARD, useClass: LooksGuard },
  ],
})
export class AdminModule {}
