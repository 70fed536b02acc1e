import { z } from 'zod';

/** The version every event carries in `v`. Version 1 only grows: new optional fields, new types. */
export const PROTOCOL_VERSION = 1;

const milliseconds = z.int().nonnegative();
const count = z.int().nonnegative();
const call = { call_id: z.string().min(1), name: z.string().min(1) };
/** On the events of an agent that a tool call, or a step of a workflow, has started: the id of that call. */
const child = { parent_call_id: z.string().min(1).optional() };

/** What went wrong, for programs: a stable word. */
const errorCode = z.string().regex(/^[a-z][a-z0-9_]*$/);

/** Tokens that the model provider billed for a run. */
export const usageSchema = z.object({ prompt_tokens: count, completion_tokens: count, total_tokens: count });

/** What a model provider said about a failure: bounded, without secrets, for people who investigate it. */
export const causeSchema = z.object({
  /** HTTP status. */
  status: z.int().optional(),
  type: z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
});

/** What the answer is based on. */
export const sourceSchema = z.object({
  title: z.string(),
  url: z.string().optional(),
  document_id: z.string().optional(),
});

/** What a run has cost, by the deployment's own price table. */
export const costSchema = z.object({
  /** ISO 4217. */
  currency: z.string(),
  amount: z.number().nonnegative(),
});

/** One line of the agent's plan. */
export const planItemSchema = z.object({
  id: z.string().min(1),
  text: z.string(),
  status: z.enum(['pending', 'in_progress', 'completed']),
});

/**
 * The single record of version 1: event type → the fields that type adds to the envelope. Types, parser and JSON
 * Schema are derived from it; nothing else lists the event types.
 */
export const eventFields = {
  /** A run started. */
  start: z.object({
    status: z.literal('processing'),
    agent: z.string().min(1),
    attempt: z.int().positive(),
    /** Identifies the agent's definition: the same instructions, models and tools have the same version. */
    agent_version: z.string().optional(),
  }),
  /** The agent's whole to-do list, each time it changes. */
  plan: z.object({ items: z.array(planItemSchema), ...child }),
  /** Thinking that the model chose to show. */
  rationale: z.object({ text: z.string(), ...child }),
  /** What is happening, in words for a person. With `attempt`, another worker continues the run from here. */
  status: z.object({
    text: z.string(),
    attempt: z.int().positive().optional(),
    cause: causeSchema.optional(),
    /** A part of the request that the model did not get, because it does not accept it: `images`, `tools` … */
    left_out: z.string().optional(),
    ...child,
  }),
  tool_start: z.object({
    ...call,
    args_summary: z.string(),
    /** The arguments, unless they are too large for an event. */
    args: z.unknown().optional(),
    ...child,
  }),
  tool_end: z.object({
    ...call,
    status: z.enum(['ok', 'error']),
    ms: milliseconds,
    result_summary: z.string(),
    /** Why the call failed; only beside `status: "error"`, and missing in logs of servers that had no codes yet. */
    error_code: errorCode.optional(),
    /** The result, JSON or text, unless it is too large for an event. */
    result: z.unknown().optional(),
    ...child,
  }),
  /** The run waits for a person's decision about one tool call. */
  approval_required: z.object({
    ...call,
    args_summary: z.string(),
    args: z.unknown().optional(),
    expires_at: z.iso.datetime(),
    /** How many other calls of the same turn the log is still to announce; missing: none. */
    calls_to_come: z.int().positive().optional(),
    ...child,
  }),
  approval_resolved: z.object({
    call_id: z.string().min(1),
    decision: z.enum(['approve', 'reject']),
    reason: z.string().optional(),
    /** Nobody decided in time: the call counts as rejected. */
    expired: z.literal(true).optional(),
    /** The arguments as the person changed them. */
    args: z.unknown().optional(),
    ...child,
  }),
  /** A chunk of the answer; the answer is every `md` in order. */
  content: z.object({ md: z.string() }),
  /** A chunk of what an agent writes that a call has started. No part of the answer: the agent that called it reads it. */
  child_content: z.object({ md: z.string(), parent_call_id: z.string().min(1) }),
  /** The run failed. Always followed by `end`. */
  error: z.object({
    error: z.string(),
    code: errorCode,
    retryable: z.boolean(),
    cause: causeSchema.optional(),
  }),
  /** The last event of every log. */
  end: z.object({
    status: z.enum(['completed', 'error', 'cancelled']),
    ms_total: milliseconds,
    tool_calls: count,
    usage: usageSchema,
    model: z.string(),
    cost: costSchema.optional(),
    sources: z.array(sourceSchema).optional(),
    /** Id of the message that holds the answer; missing in logs of servers that did not know it yet. */
    answer_id: z
      .string()
      .regex(/^[0-9a-f]{24}$/)
      .optional(),
  }),
} as const;

/** `{epoch ms}_{seq, 4 or more digits}_{8 hex}` */
export const EVENT_ID_PATTERN = /^(\d{1,15})_(\d{4,10})_([0-9a-f]{8})$/;

const envelope = {
  v: z.literal(PROTOCOL_VERSION),
  id: z.string().regex(EVENT_ID_PATTERN),
  ts: z.iso.datetime(),
  message_id: z.string().regex(/^[0-9a-f]{24}$/),
  chat_id: z.uuid(),
};

/** Every event type of version 1. */
export type EventType = keyof typeof eventFields;

/** The fields that event type `T` adds to the envelope. */
export type EventFields<T extends EventType> = z.infer<(typeof eventFields)[T]>;

type Enveloped<T extends EventType> = {
  v: typeof PROTOCOL_VERSION;
  type: T;
  /** {@link EVENT_ID_PATTERN}; the resume point of a stream. */
  id: string;
  /** ISO-8601, UTC. */
  ts: string;
  message_id: string;
  chat_id: string;
} & EventFields<T>;

/** One event of type `T` as clients see it. Without `T`: the union of all, discriminated by `type`. */
export type StreamEvent<T extends EventType = EventType> = { [K in T]: Enveloped<K> }[T];

/** An event before it has a place in a log: its type and own fields. */
export type EventBody<T extends EventType = EventType> = { [K in T]: { type: K } & EventFields<K> }[T];

/** The event types in the order of the record. */
export const eventTypes = Object.keys(eventFields) as EventType[];

const enveloped = (type: EventType) =>
  z.looseObject({ ...envelope, type: z.literal(type), ...eventFields[type].shape });

const schemas = Object.fromEntries(eventTypes.map((type) => [type, enveloped(type)])) as unknown as {
  [T in EventType]: z.ZodType<StreamEvent<T>>;
};

/** The whole event of each type, envelope included. Unknown fields are kept: version 1 grows. */
export const eventSchemas: { readonly [T in EventType]: z.ZodType<StreamEvent<T>> } = schemas;
