import type { FollowOptions } from './run-follower.js';
import type { StreamState } from './stream-state.js';
import type { Metadata } from './wire.js';

/** For every request. An abort rejects with the signal's reason. */
export interface RequestOptions {
  signal?: AbortSignal | undefined;
}

/** Which page of a list. */
export interface PageOptions extends RequestOptions {
  /** From 1, the default. */
  page?: number | undefined;
  /** 1 to 100, default 20. */
  pageSize?: number | undefined;
}

/** Which chats to list. */
export interface ListChatsOptions extends PageOptions {
  userId: string;
  /** Only chats whose title contains this, whatever its case and accents. */
  search?: string | undefined;
}

/** Which documents to list. */
export interface ListDocumentsOptions extends PageOptions {
  tenderId?: string | undefined;
  /** Only documents whose title contains this, whatever its case and accents. */
  search?: string | undefined;
}

/** What {@link RepriseClient.createChat} takes. */
export interface CreateChatOptions extends RequestOptions {
  userId: string;
  /** Default "New chat", until the model gives a title after the first answer. */
  title?: string | undefined;
  /** Whether the model may replace `title` after the first answer. Default: if there is none. */
  autoTitle?: boolean | undefined;
}

/** What {@link RepriseClient.updateUser} takes. An omitted field stays unchanged; `null` clears it. */
export interface UpdateUserOptions extends RequestOptions {
  userId: string;
  name?: string | null | undefined;
  email?: string | null | undefined;
}

/** What {@link RepriseClient.send} takes. */
export interface SendOptions extends RequestOptions {
  chatId: string;
  content: string;
  /** The message that this one follows; `null`: it begins the conversation anew. Default: the newest question. */
  parentMessageId?: string | null | undefined;
  /** The question that this one replaces: it begins another branch in its place. */
  editOf?: string | undefined;
  /**
   * Files that the user of the chat has uploaded, see {@link RepriseClient.uploadFile}. Default with `editOf`: those of
   * the question that is replaced.
   */
  attachments?: readonly { readonly file_id: string }[] | undefined;
  /** Any JSON object, up to 16 KB and 8 levels. */
  metadata?: Metadata | undefined;
  /** The name of an agent, see {@link RepriseClient.listAgents}. */
  agent?: string | undefined;
  /** What happens if the chat already has a run: wait (the default), cancel the active one, or fail with 409. */
  onBusy?: 'queue' | 'interrupt' | 'reject' | undefined;
  /**
   * Identifies this message across calls: the same key and content return the same message again. Default: a new key
   * per call.
   */
  idempotencyKey?: string | undefined;
}

/** What {@link RepriseClient.retry} takes. */
export interface RetryOptions extends RequestOptions {
  /** As in {@link SendOptions}. */
  idempotencyKey?: string | undefined;
}

/** Which part of a log to return. */
export interface ListEventsOptions extends RequestOptions {
  /** Only events after this id. */
  since?: string | undefined;
  /** At most this many events. */
  limit?: number | undefined;
}

/** Which model turns to list. */
export interface ListTurnsOptions extends RequestOptions {
  /** Only turns after this number: `next` of the page before. */
  readonly after?: number | undefined;
  /** At most this many; default 50. */
  readonly limit?: number | undefined;
}

/** What {@link RepriseClient.approve} takes. */
export interface ApproveOptions extends RequestOptions {
  messageId: string;
  callId: string;
  decision: 'approve' | 'reject';
  /** Shown to the model and to everybody who watches the run. */
  reason?: string | undefined;
  /** Replaces the arguments the model wrote. */
  arguments?: Metadata | undefined;
}

/** What {@link RepriseClient.uploadDocument} takes. */
export interface UploadDocumentOptions extends RequestOptions {
  title: string;
  /** Plain text or Markdown. */
  content: string;
  /** A search can be restricted to one tender. */
  tenderId?: string | undefined;
  metadata?: Metadata | undefined;
}

/** What {@link RepriseClient.uploadFile} takes. */
export interface UploadFileOptions extends RequestOptions {
  userId: string;
  /** Its bytes. A `File` has a name of its own. */
  file: Blob;
  /** Default: the name of the file, or "file". */
  name?: string | undefined;
}

/** Which files to list. */
export interface ListFilesOptions extends PageOptions {
  userId: string;
}

/** What {@link RepriseClient.states} takes. */
export interface StatesOptions extends Omit<FollowOptions, 'after'> {
  /** A state to continue from, e.g. one that was stored. Default: {@link initialState}. */
  from?: StreamState;
}
