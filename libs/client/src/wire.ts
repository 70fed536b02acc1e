import type { RunStatus, Source, Usage } from './stream-state.js';

/** Any JSON object. */
export type Metadata = Record<string, unknown>;

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  /** From 1. */
  readonly page: number;
  readonly page_size: number;
  readonly total_pages: number;
  readonly has_more: boolean;
}

/** Who the server takes a client for. */
export interface Session {
  /** How the server knows people; more modes may follow. */
  readonly auth_mode: string;
  /** The user id for paths; `null` if the server does not ask who its clients are. */
  readonly user_id: string | null;
  readonly tenant_id: string;
  /** Whether the client may see everything of its tenant. */
  readonly is_admin: boolean;
  /** Of an account of this server, like `email` and `role`; `null` if somebody else keeps the accounts. */
  readonly name?: string | null;
  readonly email?: string | null;
  readonly role?: string | null;
  /** When its token expires; `null`: it does not, or there is none. */
  readonly expires_at: string | null;
}

/** A user. Times, here and below, are ISO-8601, UTC. */
export interface User {
  readonly user_id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly created_at: string;
  readonly last_active: string;
}

/** A chat. */
export interface Chat {
  readonly chat_id: string;
  readonly user_id: string;
  readonly title: string;
  /** Nobody chose the title: the model gives one after an answer. */
  readonly auto_title?: true;
  readonly created_at: string;
  /** Time of the last activity. */
  readonly updated_at: string;
  /** Messages of both sides. */
  readonly message_count: number;
}

/** A file that a message was sent with; it may be deleted by now. */
export interface Attachment {
  readonly file_id: string;
  readonly name: string;
  readonly media_type: string;
  readonly bytes: number;
}

/** A file that a user has uploaded. */
export interface UploadedFile extends Attachment {
  /** Of the text in it; missing for an image. */
  readonly characters?: number;
  readonly created_at: string;
  /** When it is deleted unless a message is sent with it; `null` if one was. */
  readonly expires_at: string | null;
}

/** A message of either side. */
export interface Message {
  readonly message_id: string;
  readonly chat_id: string;
  readonly role: 'user' | 'assistant';
  readonly content: string;
  readonly status: RunStatus;
  /** `reply_to` of an answer names the message it answers; `retry_of` the one that was asked again. */
  readonly metadata: Metadata;
  readonly created_at: string;
  /** How long the run took, ms. */
  readonly processing_time_ms: number | null;
  readonly error?: string;
  readonly agent?: string;
  /** On a question: the question that it follows; `null` if it begins the conversation. Older servers do not tell. */
  readonly parent_message_id?: string | null;
  /** On a question that was edited or asked again: all questions in its place, oldest first. */
  readonly versions?: { readonly index: number; readonly count: number; readonly ids: readonly string[] };
  /** On a question: the files it was sent with. */
  readonly attachments?: readonly Attachment[];
  /** On an answer: what the tool calls of its run are based on. */
  readonly sources?: readonly Source[];
}

/** The run of a message. */
export interface Run {
  readonly status: RunStatus;
  /** Attempts begun; more than 1 after a worker was lost. */
  readonly attempt: number;
  readonly queued_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly usage: Usage | null;
  /** By the server's prices; missing unless every model that was asked has one. */
  readonly cost?: { readonly currency: string; readonly amount: number };
  readonly model: string | null;
  readonly tool_calls: number | null;
  readonly error: { readonly error: string; readonly code: string; readonly retryable: boolean } | null;
  /** What it waits for, while its status is `waiting`. */
  readonly waiting?: { readonly since: string; readonly until: string; readonly call_ids: readonly string[] };
  /** True from a cancel request until the run has stopped. */
  readonly cancel_requested: boolean;
  /** The log was kept as long as the server keeps it, and is gone. */
  readonly events_expired?: true;
}

/** A message together with its run; answers have none. */
export interface MessageWithRun extends Message {
  readonly run: Run | null;
  readonly stream_url?: string;
}

/** The answer to a new message. */
export interface CreatedMessage {
  readonly message_id: string;
  readonly stream_url: string;
}

/** A tool call in full; events carry summaries only. */
export interface FullToolCall {
  readonly call_id: string;
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
  readonly result: string | null;
  /** `waiting`: nobody has approved it yet. */
  readonly status: 'waiting' | 'running' | 'ok' | 'error';
  /** The approval that it needs; missing from older servers. */
  readonly approval?: {
    readonly state: 'pending' | 'approved' | 'rejected' | 'expired';
    readonly expires_at: string;
    readonly decided_at: string | null;
    readonly decided_by: string | null;
    readonly reason: string | null;
    /** JSON text, if a person has changed them. */
    readonly arguments: string | null;
  } | null;
  /** Why it failed, for programs; nothing when it did not, or when the server did not note it. */
  readonly error_code?: string | null;
  readonly ms: number | null;
  readonly started_at: string;
  readonly ended_at: string | null;
}

/** A message that a model was sent. */
export interface SentMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  readonly tool_calls?: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  readonly tool_call_id?: string;
  readonly error_code?: string;
}

/** One request to a model. */
export interface ModelRequest {
  /** `provider:model`. */
  readonly model: string;
  readonly sent_at: string;
  readonly ms: number | null;
  /** Places in `messages` of {@link ModelTurns}. */
  readonly messages: readonly number[];
  /** It asked for the rest of an answer that had been cut off. */
  readonly continued: boolean;
  /** The conversation was cut to fit the model's context window. */
  readonly shortened: boolean;
  /** The messages are known to be what was sent. */
  readonly exact: boolean;
  readonly usage: Usage | null;
  /** Why it failed; the next request of the turn repeats or continues it. */
  readonly error_code: string | null;
}

/** One turn of an agent's model. */
export interface ModelTurn {
  /** From 1. */
  readonly number: number;
  readonly attempt: number;
  /** Turn of its agent, from 1. */
  readonly step: number;
  /** The call that has started the agent. */
  readonly parent_call_id: string | null;
  readonly agent: string;
  readonly agent_version: string;
  readonly sampling: Metadata;
  /** Key in `tools` of {@link ModelTurns}. */
  readonly tools: string;
  readonly requests: readonly ModelRequest[];
  /** What is gone. */
  readonly missing: readonly string[];
}

/** What went to the models in a run; messages and tools once, however often they were sent. */
export interface ModelTurns {
  readonly messages: readonly SentMessage[];
  readonly tools: Readonly<
    Record<
      string,
      readonly { readonly name: string; readonly description: string; readonly parameters: Metadata }[]
    >
  >;
  readonly turns: readonly ModelTurn[];
  readonly next: number | null;
}

/** What the search tool reads; lists leave the text out. */
export interface DocumentInfo {
  readonly document_id: string;
  readonly title: string;
  readonly tender_id: string | null;
  readonly metadata: Metadata;
  /** Length of the text. */
  readonly characters: number;
  /** Pieces the search reads it in. */
  readonly passages: number;
  readonly created_at: string;
}

/** A document with its text. */
export interface DocumentWithContent extends DocumentInfo {
  readonly content: string;
}

/** Who can answer. */
export interface Agent {
  readonly name: string;
  readonly description: string;
  readonly tools: readonly string[];
}

/** What agents can do. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: Metadata;
  /** Whether it may run again when the server stopped while it ran. */
  readonly idempotent: boolean;
}
