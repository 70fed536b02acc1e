import { Schema, type Types } from 'mongoose';
import type { Role } from './account.schema.js';

/** What a link is good for: the first administrator, an invitation, a new password. */
export type LinkKind = 'setup' | 'invitation' | 'reset';

/** A link that works once. The link itself is stored nowhere, only its hash. */
export interface AccountLinkDocument {
  _id: Types.ObjectId;
  kind: LinkKind;
  /** SHA-256, base64url. */
  hash: string;
  /** Of an invitation. */
  email: string | null;
  email_key: string | null;
  role: Role | null;
  /** Of a reset: whose password it sets. */
  user_id: string | null;
  created_at: Date;
  expires_at: Date;
  /** Somebody is using it. */
  taken: boolean;
}

/** DI and Mongoose name of the collection. */
export const ACCOUNT_LINK = 'AccountLink';

export const accountLinkSchema = new Schema<AccountLinkDocument>(
  {
    kind: { type: String, required: true },
    hash: { type: String, required: true },
    email: { type: String, default: null },
    email_key: { type: String, default: null },
    role: { type: String, default: null },
    user_id: { type: String, default: null },
    created_at: { type: Date, required: true },
    expires_at: { type: Date, required: true },
    taken: { type: Boolean, required: true },
  },
  { collection: 'account_links', versionKey: false },
);

accountLinkSchema.index({ hash: 1 }, { unique: true });
accountLinkSchema.index({ kind: 1, email_key: 1 });
accountLinkSchema.index({ user_id: 1 }, { partialFilterExpression: { user_id: { $type: 'string' } } });
accountLinkSchema.index({ expires_at: 1 }, { expireAfterSeconds: 0 });
