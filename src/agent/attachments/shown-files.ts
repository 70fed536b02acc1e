import type { Attachment } from '../../files/index.js';
import type { ModelMessage } from '../../models/index.js';

/** A question as it was asked. */
export interface Asked {
  content: string;
  attachments?: readonly Attachment[] | undefined;
}

/** A question as its model reads it. */
export type QuestionMessage = Extract<ModelMessage, { role: 'user' }>;

/** How much of the files of a conversation a model is given. */
export interface FileLimits {
  /** Estimated tokens of all documents. */
  tokens: number;
  /** Bytes of all images. */
  image_bytes: number;
}

/** How attached files are shown. */
export interface Showing {
  limits: FileLimits;
  /** The agent has the tool that reads documents. */
  canRead: boolean;
  /** False: pictures are counted, but not loaded. Default: true. */
  withImages?: boolean;
}

/** What was loaded of the files of a conversation, by id. What is gone is missing. */
export interface LoadedFiles {
  /** Beginnings of documents. */
  texts: ReadonlyMap<string, string>;
  images: ReadonlyMap<string, Buffer>;
}
