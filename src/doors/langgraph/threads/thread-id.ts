import type { ChatDocument } from '../../../chats/index.js';

/** What clients call a chat: their own name for it, or its id. */
export const threadIdOf = ({ external_key, _id }: Pick<ChatDocument, 'external_key' | '_id'>): string =>
  external_key ?? _id;
