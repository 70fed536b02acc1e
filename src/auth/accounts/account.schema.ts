import { Schema, type Types } from 'mongoose';

/** What somebody may do: `admin` sees everything of the deployment, and manages accounts. */
export const ROLES = ['user', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Somebody at an OpenID provider. */
export interface Identity {
  issuer: string;
  subject: string;
}

/** Somebody who can log in. Conversations belong to `user_id`, which never changes. */
export interface AccountDocument {
  _id: Types.ObjectId;
  tenant_id: string;
  /** The id for paths: random, so that neither an address nor a name is in it. */
  user_id: string;
  /** As it was written. */
  email: string;
  /** What is compared: see {@link emailKey}. */
  email_key: string;
  name: string;
  role: Role;
  /** Argon2id, in PHC format; `null`: logs in with an OpenID provider only. */
  password: string | null;
  identities: Identity[];
  created_at: Date;
  disabled_at: Date | null;
  last_login_at: Date | null;
}

/** DI and Mongoose name of the collection. */
export const ACCOUNT = 'Account';

const identitySchema = new Schema<Identity>(
  { issuer: { type: String, required: true }, subject: { type: String, required: true } },
  { _id: false },
);

export const accountSchema = new Schema<AccountDocument>(
  {
    tenant_id: { type: String, required: true },
    user_id: { type: String, required: true },
    email: { type: String, required: true },
    email_key: { type: String, required: true },
    name: { type: String, required: true },
    role: { type: String, required: true },
    password: { type: String, default: null },
    identities: { type: [identitySchema], default: [] },
    created_at: { type: Date, required: true },
    disabled_at: { type: Date, default: null },
    last_login_at: { type: Date, default: null },
  },
  { collection: 'accounts', versionKey: false },
);

accountSchema.index({ user_id: 1 }, { unique: true });
accountSchema.index({ email_key: 1 }, { unique: true });
accountSchema.index(
  { 'identities.issuer': 1, 'identities.subject': 1 },
  { unique: true, partialFilterExpression: { 'identities.0': { $exists: true } } },
);

/** Addresses that differ in case or in how Unicode writes them are the same person's. */
export function emailKey(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}
