import { Schema, type Types } from 'mongoose';
import type { StreamEvent } from '@reprise/protocol';

/** One stored event: its place in the log as `_id`, then the event as clients see it, without `message_id`. */
export interface MessageEventDocument {
  /** `m`: the message, `s`: the seq. The index that every collection has anyway is the log's unique index. */
  _id: { m: Types.ObjectId; s: number };
  tenant_id: string;
  v: StreamEvent['v'];
  type: string;
  id: string;
  ts: string;
  chat_id: string;
  [field: string]: unknown;
}

/**
 * Events are written and read bypassing Mongoose (`Model.collection`): a Mongoose document per event costs too much.
 */
export const messageEventSchema = new Schema<MessageEventDocument>(
  { _id: { m: Schema.Types.ObjectId, s: Number } },
  { collection: 'message_events', strict: false, versionKey: false },
);

/** DI and Mongoose name of the collection. */
export const MESSAGE_EVENT = 'MessageEvent';
