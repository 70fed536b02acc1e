import { Schema } from 'mongoose';

/** The secret from which the server's keys are derived; there is one. */
export interface ServerSecretDocument {
  _id: string;
  /** base64 */
  secret: string;
  created_at: Date;
}

/** DI and Mongoose name of the collection. */
export const SERVER_SECRET = 'ServerSecret';

export const serverSecretSchema = new Schema<ServerSecretDocument>(
  {
    _id: { type: String, required: true },
    secret: { type: String, required: true },
    created_at: { type: Date, required: true },
  },
  { collection: 'server_secrets', versionKey: false },
);
