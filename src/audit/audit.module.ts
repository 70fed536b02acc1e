import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AUDIT_ENTRY, auditEntrySchema } from './audit-entry.schema.js';
import { AuditLog } from './audit-log.js';
import { AuditReader } from './audit-reader.js';
import { AuditSweep } from './audit-sweep.js';

/** Who did what, when. */
@Module({
  imports: [MongooseModule.forFeature([{ name: AUDIT_ENTRY, schema: auditEntrySchema }])],
  providers: [AuditLog, AuditReader, AuditSweep],
  exports: [AuditLog, AuditReader],
})
export class AuditModule {}
