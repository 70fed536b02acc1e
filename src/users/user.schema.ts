import { Schema } from 'mongoose';

/** A person, identified as in the client's application. Mongo's own `_id` is not used. */
export interface UserDocument {
  tenant_id: string;
  /** The client's id; unique within the tenant. */
  user_id: string;
  name: string | null;
  email: string | null;
  created_at: Date;
  last_active: Date;
}

/** DI and Mongoose name of the collection. */
export const USER = 'User';

export const userSchema = new Schema<UserDocument>(
  {
    tenant_id: { type: String, required: true },
    user_id: { type: String, required: true },
    name: { type: String, default: null },
    email: { type: String, default: null },
    created_at: { type: Date, required: true },
    last_active: { type: Date, required: true },
  },
  { collection: 'users', versionKey: false },
);

userSchema.index({ tenant_id: 1, user_id: 1 }, { unique: true });
// Administrators list users by when they were active last.
userSchema.index({ tenant_id: 1, last_active: -1, user_id: 1 });
