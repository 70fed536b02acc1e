export { AUDIT_ACTIONS, AUDIT_OBJECTS, type AuditAction, type AuditObject } from './audit-actions.js';
export { AUDIT_ENTRY, type AuditEntryDocument } from './audit-entry.schema.js';
export { AuditLog, type AuditEvent, type Doer } from './audit-log.js';
export { AuditReader, type AuditFilter } from './audit-reader.js';
export { AuditModule } from './audit.module.js';
