import { Schema, type Types } from 'mongoose';
import type { AuditAction, AuditObject } from './audit-actions.js';

/** Who did it, as far as the server knew. */
export interface AuditActor {
  /** The user they acted as; `null`: any user of the tenant, or nobody known. */
  user: string | null;
  /** Who had logged in; `null`: nobody. */
  subject: string | null;
  /** The personal token they used. */
  token_id: string | null;
  /** Where the request came from. */
  address: string | null;
  request_id: string | null;
}

/** Something that was done. Entries are only added; erasing a person takes the person out of theirs. */
export interface AuditEntryDocument {
  _id: Types.ObjectId;
  tenant_id: string;
  at: Date;
  action: AuditAction;
  by: AuditActor;
  /** The user whom it concerns. */
  about_user: string | null;
  object: { kind: AuditObject; id: string } | null;
  /** A few words from closed lists: a decision, a role. */
  detail: Record<string, string | number | boolean>;
  /** More than 1: so often within the minute that began with `at`. */
  times: number;
  /** Every person above, once, to find and to erase them. */
  users: string[];
  /** The same for what is counted in one entry. */
  counted_as?: string;
}

/** DI and Mongoose name of the collection. */
export const AUDIT_ENTRY = 'AuditEntry';

const { Mixed } = Schema.Types;
const text = { type: String, default: null };

export const auditEntrySchema = new Schema<AuditEntryDocument>(
  {
    tenant_id: { type: String, required: true },
    at: { type: Date, required: true },
    action: { type: String, required: true },
    by: { type: Mixed, required: true },
    about_user: text,
    object: { type: Mixed, default: null },
    detail: { type: Mixed, default: {} },
    times: { type: Number, default: 1 },
    users: { type: [String], default: [] },
    counted_as: String,
  },
  { collection: 'audit_entries', versionKey: false, minimize: false },
);

auditEntrySchema.index({ tenant_id: 1, at: -1, _id: -1 });
auditEntrySchema.index({ tenant_id: 1, action: 1, at: -1, _id: -1 });
auditEntrySchema.index({ tenant_id: 1, users: 1, at: -1, _id: -1 });
auditEntrySchema.index({ at: 1 }, { name: 'retention' });
auditEntrySchema.index(
  { counted_as: 1 },
  { name: 'counted', unique: true, partialFilterExpression: { counted_as: { $exists: true } } },
);
