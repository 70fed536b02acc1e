import { causeSchema, type StreamEvent } from '@reprise/protocol';
import { z } from 'zod';

/** First line of a file: what it is, and in which version. */
export const HEADER = { type: 'reprise-export', v: 1 } as const;

const time = z.iso.datetime();
const objectId = z.string().regex(/^[0-9a-f]{24}$/);
const count = z.int().nonnegative();
const userId = z.string().min(1).max(200);

const chat = z.strictObject({
  chat_id: z.uuid().lowercase(),
  user_id: userId,
  title: z.string(),
  created_at: time,
  updated_at: time,
});

const run = z.strictObject({
  attempt: count,
  handovers: count,
  cancel_requested: z.boolean(),
  queued_at: time,
  started_at: time.optional(),
  ended_at: time,
  usage: z.strictObject({ prompt_tokens: count, completion_tokens: count, total_tokens: count }).optional(),
  model: z.string().optional(),
  tool_calls: count.optional(),
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

const shared = {
  message_id: objectId,
  chat_id: z.uuid().lowercase(),
  content: z.string(),
  status: z.enum(['completed', 'error', 'cancelled']),
  metadata: z.record(z.string(), z.unknown()),
  created_at: time,
  agent: z.string().optional(),
  processing_time_ms: count.optional(),
  error: z.string().optional(),
};

const question = z.strictObject({ ...shared, role: z.literal('user'), run });
const answer = z.strictObject({ ...shared, role: z.literal('assistant'), reply_to: objectId });

const toolCall = z.strictObject({
  message_id: objectId,
  call_id: z.string().min(1),
  step: count,
  position: count,
  name: z.string().min(1),
  arguments: z.string(),
  result: z.string().nullable(),
  status: z.enum(['running', 'ok', 'error']),
  ms: z.number().nonnegative().nullable(),
  started_at: time,
  ended_at: time.nullable(),
});

const workspaceFile = z.strictObject({
  path: z.string().min(1).max(200),
  content: z.string(),
  updated_at: time,
});

export type ChatRecord = z.infer<typeof chat>;
export type QuestionRecord = z.infer<typeof question>;
export type AnswerRecord = z.infer<typeof answer>;
export type ToolCallRecord = z.infer<typeof toolCall>;
export type FileRecord = z.infer<typeof workspaceFile>;

/**
 * The lines behind the header, in this order: the chat; for each question: itself, its answer, its events, its tool calls;
 * the files of the chat's workspace; the end, without which a file is cut off. An event is taken as it is here: the
 * protocol judges it.
 */
export const transferRecord = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('chat'), chat }),
  z.strictObject({
    kind: z.literal('message'),
    message: z.discriminatedUnion('role', [question, answer]),
  }),
  z.strictObject({ kind: z.literal('event'), event: z.custom<StreamEvent>() }),
  z.strictObject({ kind: z.literal('tool_call'), tool_call: toolCall }),
  z.strictObject({ kind: z.literal('workspace_file'), file: workspaceFile }),
  z.strictObject({ kind: z.literal('end'), records: count }),
]);

/** One line behind the header. */
export type TransferRecord = z.infer<typeof transferRecord>;
