import { Schema, Types } from 'mongoose';
import type { Attachment } from '../files/index.js';
import { runSchema, type RunFacet, type RunSource, type RunStatus } from './run-facet.js';

/** A message of either side. */
export interface MessageDocument {
  _id: Types.ObjectId;
  tenant_id: string;
  chat_id: string;
  /**
   * The owner of the chat. Messages from versions before this field get it at startup; see `messages/owner-fill.ts`.
   */
  user_id?: string;
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
  /** On an answer: what it may be based on. */
  sources?: readonly RunSource[];
  /** On a question: what the application that asks adds to the agent's instructions. */
  instructions?: string;
  /** On a question: the files it was sent with. */
  attachments?: readonly Attachment[];
  /**
   * On a question that begins a branch: the question that it follows; `null`: none. Missing: it follows the newest
   * question before it.
   */
  parent_id?: Types.ObjectId | null;
  /** On a question that begins a branch: the first question in its place. */
  version_of?: Types.ObjectId;
  /** On a question: its run. */
  run?: RunFacet;
  /** On a question: the client's key and a hash of the request. */
  idempotency?: { key: string; fingerprint: string };
}

/** DI and Mongoose name of the collection. */
export const MESSAGE = 'Message';

/** Indexes by which runs of a tenant are listed and added up, whatever their number. */
export const RUN_INDEXES = {
  byTime: 'runs_by_time',
  byUser: 'runs_by_user',
  byFailure: 'runs_by_failure',
  open: 'open_runs',
} as const;

const { Mixed, ObjectId } = Schema.Types;

export const messageSchema = new Schema<MessageDocument>(
  {
    tenant_id: { type: String, required: true },
    chat_id: { type: String, required: true },
    user_id: String,
    role: { type: String, required: true },
    content: { type: String, required: false, default: '' },
    status: { type: String, required: true },
    metadata: { type: Mixed, default: {} },
    created_at: { type: Date, required: true },
    agent: String,
    processing_time_ms: Number,
    error: String,
    reply_to: ObjectId,
    sources: { type: [Mixed], default: undefined },
    instructions: String,
    attachments: { type: [Mixed], default: undefined },
    parent_id: { type: ObjectId, default: undefined },
    version_of: ObjectId,
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
messageSchema.index(
  { tenant_id: 1, chat_id: 1 },
  { name: 'forks', ...where({ parent_id: { $exists: true } }) },
);
// One run at a time in a chat: the second claim violates this index.
messageSchema.index(
  { chat_id: 1 },
  { name: 'one_run_per_chat', unique: true, ...where({ 'run.open': true, status: 'processing' }) },
);
// Of several messages that require an idle chat, only one gets it.
messageSchema.index(
  { tenant_id: 1, chat_id: 1 },
  { name: 'one_exclusive_run_per_chat', unique: true, ...where({ 'run.open': true, 'run.exclusive': true }) },
);
messageSchema.index(
  { 'run.open': 1, chat_id: 1, 'run.queued_at': 1, _id: 1 },
  { name: RUN_INDEXES.open, ...where({ 'run.open': true }) },
);
// Logs to expire (no `events_expired` yet, by age), and those whose removal is to be completed.
messageSchema.index(
  { 'run.events_expired': 1, 'run.ended_at': 1 },
  { name: 'ended_runs', ...where({ 'run.open': false }) },
);
// Only runs of doors that look for theirs.
messageSchema.index(
  { tenant_id: 1, 'run.door.name': 1, agent: 1, created_at: 1 },
  { name: 'runs_of_doors', ...where({ 'run.door.name': { $exists: true } }) },
);
messageSchema.index(
  { tenant_id: 1, chat_id: 1, 'idempotency.key': 1 },
  { name: 'idempotency', unique: true, ...where({ 'idempotency.key': { $exists: true } }) },
);
// A request that a client repeats, whose chat is not known.
messageSchema.index(
  { tenant_id: 1, user_id: 1, 'idempotency.key': 1 },
  { name: 'requests', ...where({ 'idempotency.key': { $exists: true } }) },
);
messageSchema.index(
  { reply_to: 1 },
  { name: 'one_answer', unique: true, ...where({ reply_to: { $exists: true } }) },
);
// Empty unless an earlier version stored messages without their user.
messageSchema.index({ chat_id: 1 }, { name: 'without_user', ...where({ user_id: null }) });

// What administrators look at: runs of a tenant, newest first, and figures, which the keys contain.
const FIGURES = {
  'run.usage.prompt_tokens': 1,
  'run.usage.completion_tokens': 1,
  'run.cost.amount': 1,
  'run.cost.currency': 1,
} as const;
const NEWEST = { created_at: -1, _id: -1 } as const;
const OF_TENANT = { tenant_id: 1, role: 1 } as const;
messageSchema.index(
  {
    ...OF_TENANT,
    ...NEWEST,
    ...{ user_id: 1, agent: 1, status: 1, 'run.model': 1, processing_time_ms: 1 },
    ...FIGURES,
  },
  { name: RUN_INDEXES.byTime, ...where({ role: 'user' }) },
);
messageSchema.index(
  { ...OF_TENANT, user_id: 1, ...NEWEST, status: 1, ...FIGURES },
  { name: RUN_INDEXES.byUser, ...where({ role: 'user' }) },
);
messageSchema.index(
  { tenant_id: 1, ...NEWEST, 'run.failure.code': 1 },
  { name: RUN_INDEXES.byFailure, ...where({ 'run.failure.code': { $exists: true } }) },
);
