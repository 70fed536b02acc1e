import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { AdminViews } from './admin-views.js';
import { AuditController } from './audit/audit.controller.js';

/** What administrators of a tenant see of it. */
@Module({
  imports: [AuditModule],
  controllers: [AuditController],
  providers: [AdminViews],
})
export class AdminModule {}
