import { z } from 'zod';
import { toldBy, type ToldConversation, type Turn } from './conversation.js';
import { cleanString, invalid, metadataSchema, parseBody } from './parse.js';
import { refuseForms, turnOf } from './response-request.js';

/** A request for a chat completion, checked. */
export interface ChatRequest {
  model: string | undefined;
  told: ToldConversation;
  stream: boolean;
  /** Whether the stream ends with the usage. */
  withUsage: boolean;
  metadata: Record<string, string> | undefined;
}

const flag = z.boolean('must be true or false').nullish();
const message = z.looseObject({ role: z.string('must be a string') }, 'must be an object with a role');

const schema = z.looseObject({
  model: cleanString.max(100, 'must be at most 100 characters long').nullish(),
  messages: z.array(message, 'must be a list of messages').min(1, 'must not be empty').max(2000),
  stream: flag,
  stream_options: z.looseObject({ include_usage: flag }, 'must be an object').nullish(),
  metadata: metadataSchema.nullish(),
  n: z.number('must be a number').nullish(),
  tool_choice: z.unknown().optional(),
  response_format: z.looseObject({ type: z.string() }, 'must be an object with a type').nullish(),
});

/** What a client tells of tools of its own: the agent works with what it has. */
const OF_TOOLS = new Set(['tool', 'function']);

/** Reads the body of `POST /v1/chat/completions`. @throws AppError `validation_failed`. */
export function readChatRequest(body: unknown): ChatRequest {
  const read = parseBody(schema, body);
  if ((read.n ?? 1) !== 1) throw invalid('n', 'must be 1: an agent answers once');
  refuseForms({ choice: read.tool_choice, format: read.response_format?.type, at: 'response_format' });
  const turns = read.messages.flatMap((one, index): Turn[] =>
    OF_TOOLS.has(one.role) ? [] : [turnOf(one, `messages.${index}`)],
  );
  return {
    model: read.model ?? undefined,
    told: toldBy(turns, 'messages'),
    stream: read.stream ?? false,
    withUsage: read.stream_options?.include_usage ?? false,
    metadata: read.metadata ?? undefined,
  };
}
