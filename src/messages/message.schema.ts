import type { EventFields } from '@reprise/protocol';
import { Schema, Types } from 'mongoose';

/** Where a run stands. `pending → processing → completed | error | cancelled`. */
export type RunStatus = 'pending' | 'processing' | 'completed' | 'error' | 'cancelled';

/** Tokens a run was billed for. */
export interface RunUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** Why a run ended with `error`. */
export interface RunFailure {
  error: string;
  code: string;
  retryable: boolean;
  /** What the model provider said, without secrets. */
  cause?: EventFields<'error'>['cause'] | undefined;
}

/** The run of a user's message. It lives in the message so that one atomic write changes both. */
export interface RunFacet {
  /** True until `end` is durable in the log: such a run is somebody's to finish. */
  open: boolean;
  /** Attempts begun. Also the fencing token: whoever holds an older number may change nothing. */
  attempt: number;
  /** Attempts that ended because their worker was shut down in order. */
  handovers: number;
  lease?: { owner: string; expires_at: Date } | undefined;
  cancel_requested: boolean;
  /** Wants the chat for itself: `on_busy: reject`. */
  exclusive?: boolean;
  /** Goes ahead of all that waits in its chat since then: `on_busy: interrupt`. The newest goes first. */
  interrupts_at?: Date;
  queued_at: Date;
  started_at?: Date;
  ended_at?: Date;
  usage?: RunUsage;
  model?: string;
  tool_calls?: number;
  failure?: RunFailure;
  /** Its log was kept long enough: nobody reads it any more; whether it is still there is for the sweeper to know. */
  events_expired?: 'removing' | 'removed';
}

/** A message of either side. */
export interface MessageDocument {
  _id: Types.ObjectId;
  tenant_id: string;
  chat_id: string;
  role: 'user' | 'assistant';
  content: string;
  status: RunStatus;
  metadata: Record<string, unknown>;
  created_at: Date;
  agent?: string;
  processing_time_ms?: number;
  error?: string;
  /** On an answer: the question. */
  reply_to?: Types.ObjectId;
  /** On a question: its run. */
  run?: RunFacet;
  /** On a question: the client's key and a hash of what it sent. */
  idempotency?: { key: string; fingerprint: string };
}

/** DI and Mongoose name of the collection. */
export const MESSAGE = 'Message';

const { Mixed, ObjectId } = Schema.Types;

const runSchema = new Schema<RunFacet>(
  {
    open: { type: Boolean, required: true },
    attempt: { type: Number, required: true },
    handovers: { type: Number, required: true },
    lease: { type: { _id: false, owner: String, expires_at: Date } },
    cancel_requested: { type: Boolean, required: true },
    exclusive: Boolean,
    interrupts_at: Date,
    queued_at: { type: Date, required: true },
    started_at: Date,
    ended_at: Date,
    usage: { type: { _id: false, prompt_tokens: Number, completion_tokens: Number, total_tokens: Number } },
    model: String,
    tool_calls: Number,
    // `cause` has a field of the name `type`, which a schema would take for its own.
    failure: { type: { _id: false, error: String, code: String, retryable: Boolean, cause: Mixed } },
    events_expired: String,
  },
  { _id: false },
);

export const messageSchema = new Schema<MessageDocument>(
  {
    tenant_id: { type: String, required: true },
    chat_id: { type: String, required: true },
    role: { type: String, required: true },
    content: { type: String, required: false, default: '' },
    status: { type: String, required: true },
    metadata: { type: Mixed, default: {} },
    created_at: { type: Date, required: true },
    agent: String,
    processing_time_ms: Number,
    error: String,
    reply_to: ObjectId,
    run: runSchema,
    idempotency: { type: { _id: false, key: String, fingerprint: String } },
  },
  { collection: 'messages', versionKey: false, minimize: false },
);

const where = (filter: Record<string, unknown>): { partialFilterExpression: Record<string, unknown> } => ({
  partialFilterExpression: filter,
});

messageSchema.index({ tenant_id: 1, chat_id: 1, created_at: 1, _id: 1 });
messageSchema.index(
  { tenant_id: 1, chat_id: 1 },
  { name: 'retries', ...where({ 'metadata.retry_of': { $exists: true } }) },
);
// One run at a time in a chat: the second claim violates this index.
messageSchema.index(
  { chat_id: 1 },
  { name: 'one_run_per_chat', unique: true, ...where({ 'run.open': true, status: 'processing' }) },
);
// Of several messages that want an idle chat for themselves, one gets it.
messageSchema.index(
  { tenant_id: 1, chat_id: 1 },
  { name: 'one_exclusive_run_per_chat', unique: true, ...where({ 'run.open': true, 'run.exclusive': true }) },
);
messageSchema.index(
  { 'run.open': 1, chat_id: 1, 'run.queued_at': 1, _id: 1 },
  { name: 'open_runs', ...where({ 'run.open': true }) },
);
// Logs to expire (no `events_expired` yet, by age), and those whose removal is to be finished.
messageSchema.index(
  { 'run.events_expired': 1, 'run.ended_at': 1 },
  { name: 'ended_runs', ...where({ 'run.open': false }) },
);
messageSchema.index(
  { tenant_id: 1, chat_id: 1, 'idempotency.key': 1 },
  { name: 'idempotency', unique: true, ...where({ 'idempotency.key': { $exists: true } }) },
);
messageSchema.index(
  { reply_to: 1 },
  { name: 'one_answer', unique: true, ...where({ reply_to: { $exists: true } }) },
);
