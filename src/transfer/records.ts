import { causeSchema, costSchema, sourceSchema, type StreamEvent } from '@reprise/protocol';
import { z } from 'zod';

/** First line of a file: what it is, and in which version. 1: one chat, of any tenant. */
export const HEADER = { type: 'reprise-export', v: 1 } as const;

/** Version 2: any number of users, documents and chats, each with its tenant. */
export const HEADER_OF_ALL = { type: 'reprise-export', v: 2 } as const;

const time = z.iso.datetime();
const objectId = z.string().regex(/^[0-9a-f]{24}$/);
const count = z.int().nonnegative();
const userId = z.string().min(1).max(200);

/** What an answer, or the result of a tool call, is based on. */
const sources = z.array(sourceSchema.strict()).optional();

const tenant_id = z.string().min(1).max(200);

const user = z.strictObject({
  tenant_id,
  user_id: userId,
  name: z.string().nullable(),
  email: z.string().nullable(),
  created_at: time,
  last_active: time,
});

const document = z.strictObject({
  tenant_id,
  document_id: objectId,
  tender_id: z.string().nullable(),
  title: z.string().min(1),
  metadata: z.record(z.string(), z.unknown()),
  created_at: time,
  content: z.string().min(1),
});

const chat = z.strictObject({
  /** In version 2. */
  tenant_id: tenant_id.optional(),
  chat_id: z.uuid().lowercase(),
  user_id: userId,
  title: z.string(),
  /** In version 2. */
  external_key: z.string().min(1).max(200).optional(),
  /** In version 2. */
  metadata: z.record(z.string(), z.unknown()).optional(),
  /** In version 2: it is deleted then. */
  kept_until: time.optional(),
  instructions: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
  /** Nobody chose the title. */
  auto_title: z.literal(true).optional(),
  created_at: time,
  updated_at: time,
  /** In version 2. */
  last_message_at: time.optional(),
});

const run = z.strictObject({
  attempt: count,
  handovers: count,
  cancel_requested: z.boolean(),
  /** In version 2: it has not ended; the server that opens the database continues it. */
  open: z.literal(true).optional(),
  exclusive: z.boolean().optional(),
  interrupts_at: time.optional(),
  queued_at: time,
  started_at: time.optional(),
  ended_at: time.optional(),
  /** How long it waited for decisions, ms. */
  waited_ms: count.optional(),
  usage: z.strictObject({ prompt_tokens: count, completion_tokens: count, total_tokens: count }).optional(),
  model: z.string().optional(),
  tool_calls: count.optional(),
  sources,
  /** The request that asked, and the newest attempt that was left in order. */
  origin: z.strictObject({ request_id: z.string(), traceparent: z.string().optional() }).optional(),
  left_attempt: count.optional(),
  /** What it was given, what it continues, and what it has cost. */
  agent_version: z.string().optional(),
  chosen: z.strictObject({ instructions: z.string().optional(), model: z.string().optional() }).optional(),
  forked_from: z.strictObject({ message_id: objectId, event_id: z.string() }).optional(),
  cost: costSchema.strict().optional(),
  spent: z
    .array(
      z.strictObject({
        model: z.string(),
        prompt_tokens: count,
        completion_tokens: count,
        total_tokens: count,
        cached_tokens: count.optional(),
        cache_write_tokens: count.optional(),
      }),
    )
    .optional(),
  failure: z
    .strictObject({
      error: z.string(),
      code: z.string(),
      retryable: z.boolean(),
      cause: causeSchema.optional(),
    })
    .optional(),
  /** The log was deleted before the export: no events and tool calls follow. */
  events_expired: z.literal(true).optional(),
});

/** A file as a message knows it. */
const attachment = z.strictObject({
  file_id: objectId,
  name: z.string().min(1),
  media_type: z.string().min(1),
  bytes: count,
  characters: count.optional(),
});

const shared = {
  message_id: objectId,
  chat_id: z.uuid().lowercase(),
  content: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  created_at: time,
  agent: z.string().optional(),
  processing_time_ms: count.optional(),
  error: z.string().optional(),
};

const ended = z.enum(['completed', 'error', 'cancelled']);
const question = z
  .strictObject({
    ...shared,
    role: z.literal('user'),
    status: z.enum(['pending', 'processing', ...ended.options]),
    run,
    instructions: z.string().optional(),
    attachments: z.array(attachment).optional(),
    /** Of a question that begins a branch. */
    parent_id: objectId.nullable().optional(),
    version_of: objectId.optional(),
    /** In version 2. */
    idempotency: z.strictObject({ key: z.string(), fingerprint: z.string() }).optional(),
  })
  .refine(({ status, run: { open } }) => open === true || ended.safeParse(status).success, {
    path: ['status'],
    message: 'a run that is not open needs a final status',
  })
  .refine(({ run: { open, ended_at } }) => open === true || ended_at !== undefined, {
    path: ['run', 'ended_at'],
    message: 'a run that is not open needs the time it ended',
  });
const answer = z.strictObject({
  ...shared,
  role: z.literal('assistant'),
  status: ended,
  reply_to: objectId,
  sources,
});

const approval = z.strictObject({
  state: z.enum(['pending', 'approved', 'rejected', 'expired']),
  expires_at: time,
  decided_at: time.optional(),
  decided_by: z.string().optional(),
  reason: z.string().optional(),
  arguments: z.string().optional(),
});

const toolCall = z.strictObject({
  message_id: objectId,
  call_id: z.string().min(1),
  /** The call whose agent requested it; the attempt that recorded it. */
  parent_call_id: z.string().min(1).optional(),
  attempt: count.optional(),
  step: count,
  position: count,
  name: z.string().min(1),
  arguments: z.string(),
  result: z.string().nullable(),
  status: z.enum(['running', 'ok', 'error']),
  /** Why it failed, and its result in one line; missing in exports from servers that did not store them. */
  error_code: z.string().optional(),
  result_summary: z.string().optional(),
  /** Whether somebody has to approve the call, and what was decided. */
  approval: approval.optional(),
  sources,
  ms: z.number().nonnegative().nullable(),
  started_at: time,
  ended_at: time.nullable(),
  /** What the provider expects back with the call, and with its turn; as the agent stores it. */
  provider: z.string().optional(),
  turn_provider: z.string().optional(),
});

const workspaceFile = z.strictObject({
  path: z.string().min(1).max(200),
  content: z.string(),
  updated_at: time,
});

/** A file that messages of the chat have, in Base64, and the text that was found in it. */
const file = z.strictObject({
  file_id: objectId,
  name: z.string().min(1).max(200),
  media_type: z.string().min(1),
  created_at: time,
  content: z.base64().min(1),
  text: z.string().min(1).optional(),
});

export type UserRecord = z.infer<typeof user>;
export type DocumentRecord = z.infer<typeof document>;
export type ChatRecord = z.infer<typeof chat>;
export type QuestionRecord = z.infer<typeof question>;
export type AnswerRecord = z.infer<typeof answer>;
export type ToolCallRecord = z.infer<typeof toolCall>;
export type FileRecord = z.infer<typeof workspaceFile>;
export type UploadRecord = z.infer<typeof file>;

/**
 * The lines after the header. Version 2 starts with users and documents, and has any number of chats. For each, in
 * this order: the chat; for each question: the question, its answer, its events, its tool calls; then the files of the
 * chat's workspace, and those that its messages have. Last comes the end, without which a file is truncated. Events are not checked here; the protocol's
 * parser does that.
 */
export const transferRecord = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('user'), user }),
  z.strictObject({ kind: z.literal('document'), document }),
  z.strictObject({ kind: z.literal('chat'), chat }),
  z.strictObject({
    kind: z.literal('message'),
    message: z.discriminatedUnion('role', [question, answer]),
  }),
  z.strictObject({ kind: z.literal('event'), event: z.custom<StreamEvent>() }),
  z.strictObject({ kind: z.literal('tool_call'), tool_call: toolCall }),
  z.strictObject({ kind: z.literal('workspace_file'), file: workspaceFile }),
  z.strictObject({ kind: z.literal('file'), file }),
  z.strictObject({ kind: z.literal('end'), records: count }),
]);

/** One line after the header. */
export type TransferRecord = z.infer<typeof transferRecord>;
