import type { FollowOptions } from './follow.js';
import type { StreamState } from './stream-state.js';
import type { Metadata } from './wire.js';

/** Of every request. An abort rejects with the signal's reason. */
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
  /** Default "New chat". */
  title?: string | undefined;
}

/** What {@link RepriseClient.updateUser} takes. A field left out stays as it is; `null` clears it. */
export interface UpdateUserOptions extends RequestOptions {
  userId: string;
  name?: string | null | undefined;
  email?: string | null | undefined;
}

/** What {@link RepriseClient.send} takes. */
export interface SendOptions extends RequestOptions {
  chatId: string;
  content: string;
  /** Any JSON object, up to 16 KB and 8 levels. */
  metadata?: Metadata | undefined;
  /** One of {@link RepriseClient.listAgents}. */
  agent?: string | undefined;
  /** When the chat has a run already: wait (the default), cancel the running one, or fail with 409. */
  onBusy?: 'queue' | 'interrupt' | 'reject' | undefined;
  /** Names this message over calls: the same key and content give the same message again. Default: a new one for each call. */
  idempotencyKey?: string | undefined;
}

/** What {@link RepriseClient.retry} takes. */
export interface RetryOptions extends RequestOptions {
  /** As in {@link SendOptions}. */
  idempotencyKey?: string | undefined;
}

/** Which part of a log. */
export interface ListEventsOptions extends RequestOptions {
  /** Only events after this id. */
  since?: string | undefined;
  /** At most this many events. */
  limit?: number | undefined;
}

/** What {@link RepriseClient.approve} takes. */
export interface ApproveOptions extends RequestOptions {
  messageId: string;
  callId: string;
  decision: 'approve' | 'reject';
  /** Told to the model and to whoever watches. */
  reason?: string | undefined;
  /** In place of those that the model wrote. */
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

/** What {@link RepriseClient.states} takes. */
export interface StatesOptions extends Omit<FollowOptions, 'after'> {
  /** A state to go on from, for example one that was stored. Default: {@link initialState}. */
  from?: StreamState;
}
