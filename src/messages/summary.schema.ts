import { Schema, type Types } from 'mongoose';

/**
 * A summary of a branch from its beginning up to a place. Which messages it covers follows from that place: they are
 * those on the way back from it. It does not depend on any agent.
 */
export interface SummaryRecord {
  _id: Types.ObjectId;
  tenant_id: string;
  chat_id: string;
  /** The last place that it covers: the first question there. */
  until: Types.ObjectId;
  /** Places that it covers, of which {@link added} are the newest; the others it has from `previous`. */
  covers: number;
  added: Types.ObjectId[];
  previous?: Types.ObjectId;
  /** When a process began to make it. Without a text it is being made, or that process is gone. */
  claimed_at: Date;
  text?: string;
  /** The model that wrote it. */
  model?: string;
  created_at?: Date;
}

/** DI and Mongoose name of the collection. */
export const SUMMARY = 'ConversationSummary';

const { ObjectId } = Schema.Types;

export const summarySchema = new Schema<SummaryRecord>(
  {
    tenant_id: { type: String, required: true },
    chat_id: { type: String, required: true },
    until: { type: ObjectId, required: true },
    covers: { type: Number, required: true },
    added: { type: [ObjectId], required: true },
    previous: ObjectId,
    claimed_at: { type: Date, required: true },
    text: String,
    model: String,
    created_at: Date,
  },
  { collection: 'conversation_summaries', versionKey: false },
);

// One for each place, whichever processes want to make it.
summarySchema.index({ tenant_id: 1, chat_id: 1, until: 1 }, { unique: true });
