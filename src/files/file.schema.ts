import { Schema, type Types } from 'mongoose';

/** A file that a user has uploaded, without its content. */
export interface StoredFile {
  _id: Types.ObjectId;
  tenant_id: string;
  user_id: string;
  /** Without folders and characters that mislead. */
  name: string;
  /** Decided by its bytes. */
  media_type: string;
  bytes: number;
  /** UTF-16 code units of its text; missing: it is an image. */
  characters?: number;
  /** The chats with a message that it is attached to. */
  chat_ids: string[];
  created_at: Date;
  /** When it is deleted, while no chat has it. */
  expires_at?: Date;
  /** False until all its parts are stored, and as soon as it is being deleted. */
  ready: boolean;
}

/** A piece of a file: of its bytes, or of the text that was found in it. */
export interface FilePart {
  tenant_id: string;
  file_id: Types.ObjectId;
  kind: 'bytes' | 'text';
  /** Where it begins: byte, or UTF-16 code unit. */
  at: number;
  bytes?: Buffer;
  text?: string;
}

/** DI and Mongoose names of the collections. */
export const FILE = 'File';
export const FILE_PART = 'FilePart';

const { ObjectId } = Schema.Types;

export const fileSchema = new Schema<StoredFile>(
  {
    tenant_id: { type: String, required: true },
    user_id: { type: String, required: true },
    name: { type: String, required: true },
    media_type: { type: String, required: true },
    bytes: { type: Number, required: true },
    characters: Number,
    chat_ids: { type: [String], required: true },
    created_at: { type: Date, required: true },
    expires_at: Date,
    ready: { type: Boolean, required: true },
  },
  { collection: 'files', versionKey: false },
);
fileSchema.index({ tenant_id: 1, user_id: 1, created_at: -1, _id: -1 });
fileSchema.index({ tenant_id: 1, chat_ids: 1 });
fileSchema.index(
  { expires_at: 1 },
  { name: 'expiring', partialFilterExpression: { expires_at: { $exists: true } } },
);

export const filePartSchema = new Schema<FilePart>(
  {
    tenant_id: { type: String, required: true },
    file_id: { type: ObjectId, required: true },
    kind: { type: String, required: true },
    at: { type: Number, required: true },
    bytes: Buffer,
    text: String,
  },
  { collection: 'file_parts', versionKey: false },
);
filePartSchema.index({ file_id: 1, kind: 1, at: 1 }, { unique: true });
