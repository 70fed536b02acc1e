import { Schema, type Types } from 'mongoose';

/** An access token, by its hash. */
export interface IssuedAccess {
  hash: string;
  until: Date;
}

/** Somebody who is logged in: a browser with a cookie, or a program with tokens. */
export interface LoginSessionDocument {
  _id: Types.ObjectId;
  tenant_id: string;
  user_id: string;
  kind: 'cookie' | 'token';
  /** SHA-256 of the cookie's value, or of the refresh token; base64url. */
  hash: string;
  /** With `token`: the access tokens that have not expired, newest first. */
  access: IssuedAccess[];
  /** The cookie was given over TLS: it is accepted only under its protected name. */
  is_secure: boolean;
  created_at: Date;
  /** To the minute. */
  used_at: Date;
  /** Ends then unless it is used before. */
  idle_until: Date;
  /** Ends then in any case. */
  ends_at: Date;
}

/** DI and Mongoose name of the collection. */
export const LOGIN_SESSION = 'LoginSession';

const accessSchema = new Schema<IssuedAccess>(
  { hash: { type: String, required: true }, until: { type: Date, required: true } },
  { _id: false },
);

export const loginSessionSchema = new Schema<LoginSessionDocument>(
  {
    tenant_id: { type: String, required: true },
    user_id: { type: String, required: true },
    kind: { type: String, required: true },
    hash: { type: String, required: true },
    access: { type: [accessSchema], default: [] },
    is_secure: { type: Boolean, required: true },
    created_at: { type: Date, required: true },
    used_at: { type: Date, required: true },
    idle_until: { type: Date, required: true },
    ends_at: { type: Date, required: true },
  },
  { collection: 'login_sessions', versionKey: false },
);

loginSessionSchema.index({ hash: 1 }, { unique: true });
loginSessionSchema.index({ 'access.hash': 1 });
loginSessionSchema.index({ tenant_id: 1, user_id: 1 });
loginSessionSchema.index({ ends_at: 1 }, { expireAfterSeconds: 0 });
