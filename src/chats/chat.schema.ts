import { Schema } from 'mongoose';

/** A conversation. */
export interface ChatDocument {
  /** UUID, version 4. */
  _id: string;
  tenant_id: string;
  user_id: string;
  title: string;
  /** What a client of another system calls it; see `external-chats.ts`. Unique among the chats of its user. */
  external_key?: string;
  /** What the client that began it says about it. */
  metadata?: Record<string, unknown>;
  /**
   * Made for the requests of a client that keeps its conversations itself: nobody sees it in a list, and it is deleted
   * then. Missing: it stays.
   */
  kept_until?: Date;
  /** What its user tells the agents that answer in it, after their own instructions. */
  instructions?: string;
  /** The model that answers in it instead of its agent's: `provider:model`. */
  model?: string;
  /** Nobody chose the title: the model may give one. */
  auto_title?: boolean;
  created_at: Date;
  /** Of the last activity: a message, or a new title. */
  updated_at: Date;
  /** Time of the newest message of either side. Missing until this version has stored one. */
  last_message_at?: Date;
  /** Questions that were let in, at least as many as were stored. Missing in chats that an earlier version or an import stored. */
  asked?: number;
  /**
   * Its questions whose runs have not ended, oldest first. May name one that is gone, after a crash; never misses one.
   * Missing in chats that an earlier version or an import stored.
   */
  open_runs?: OpenRun[];
  /** Its newest answers: when each was given its place. */
  answered?: { id: string; at: Date }[];
  /** Its deletion has begun: nobody sees it any more, and nothing may be added to it. */
  deleting?: boolean;
  /** The folded title for searching, computed when a search needs it; see `title-search.ts`. */
  title_search?: TitleSearch;
}

/** A question that was let into its chat. */
export interface OpenRun {
  /** Id of the question. */
  id: string;
  /** Its time. */
  at: Date;
}

/** A folded title. */
export interface TitleSearch {
  /** The title that was folded: if the chat has another one by now, this is outdated. */
  of: string;
  keys: string[];
  version: number;
}

/** DI and Mongoose name of the collection. */
export const CHAT = 'Chat';

export const chatSchema = new Schema<ChatDocument>(
  {
    _id: { type: String, required: true },
    tenant_id: { type: String, required: true },
    user_id: { type: String, required: true },
    title: { type: String, required: true },
    external_key: String,
    metadata: { type: Schema.Types.Mixed, default: undefined },
    kept_until: Date,
    instructions: String,
    model: String,
    auto_title: Boolean,
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
    last_message_at: { type: Date },
    // No default: that a chat does not know is information.
    open_runs: { type: [Schema.Types.Mixed], default: undefined },
    asked: Number,
    answered: { type: [Schema.Types.Mixed], default: undefined },
    deleting: { type: Boolean },
    title_search: { type: Schema.Types.Mixed },
  },
  { collection: 'chats', versionKey: false },
);

// A user's list, newest activity first; the count and the erasure use its prefix.
chatSchema.index({ tenant_id: 1, user_id: 1, updated_at: -1, _id: 1 });
chatSchema.index(
  { tenant_id: 1, user_id: 1, external_key: 1 },
  { name: 'external_keys', unique: true, partialFilterExpression: { external_key: { $exists: true } } },
);
// Empty unless clients that keep their conversations themselves ask.
chatSchema.index(
  { kept_until: 1 },
  { name: 'temporary', partialFilterExpression: { kept_until: { $exists: true } } },
);
