import { Schema, type Types } from 'mongoose';

/** What a personal token may be used for. `write` includes reading. */
export const TOKEN_SCOPES = ['read', 'write'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** A personal token as it is stored: not the token, only its hash. */
export interface AccessTokenDocument {
  _id: Types.ObjectId;
  tenant_id: string;
  user_id: string;
  name: string;
  scopes: TokenScope[];
  /** SHA-256 of the token, base64url. It has 256 random bits, so nothing slower is needed. */
  hash: string;
  created_at: Date;
  /** `null`: it does not expire. */
  expires_at: Date | null;
  /** To the minute; `null`: never. */
  last_used_at: Date | null;
}

/** DI and Mongoose name of the collection. */
export const ACCESS_TOKEN = 'AccessToken';

export const accessTokenSchema = new Schema<AccessTokenDocument>(
  {
    tenant_id: { type: String, required: true },
    user_id: { type: String, required: true },
    name: { type: String, required: true },
    scopes: { type: [String], required: true },
    hash: { type: String, required: true },
    created_at: { type: Date, required: true },
    expires_at: { type: Date, default: null },
    last_used_at: { type: Date, default: null },
  },
  { collection: 'access_tokens', versionKey: false },
);

accessTokenSchema.index({ hash: 1 }, { unique: true });
accessTokenSchema.index({ tenant_id: 1, user_id: 1, created_at: -1 });
