import { z } from 'zod';
import { isJsonObject } from '../../common/index.js';
import type { ModelUsage } from '../chat-model.js';
import type { Piece } from './think-tags.js';

/** A fragment of a tool call. */
export interface CallFragment {
  index?: number;
  id: string;
  name: string;
  /** JSON text, or part of it. */
  arguments: string;
  /** The arguments arrived as a value: they are complete. */
  isWhole: boolean;
  /** What else the provider attached to the call. */
  fields: Record<string, unknown>;
}

/** The understood contents of one chunk. */
export interface Chunk {
  /** Index of the choice that it belongs to. */
  choice: number | undefined;
  pieces: Piece[];
  calls: CallFragment[];
  /** The whole message, where other servers send a delta. */
  isMessage: boolean;
  finish: unknown;
  /** A report that the provider failed. */
  error?: unknown;
  usage?: ModelUsage;
  /** What the provider may expect back with a turn that calls tools. */
  turn: Record<string, unknown>;
}

type Fields = Record<string, unknown>;

const DEEPEST_PARTS = 4;
/** More than any answer costs; sums stay far below what a number can represent. */
const MAX_TOKENS = 1e12;

const fieldsSchema = z.custom<Fields>(isJsonObject);
const anything = z.unknown().optional();
const fields = fieldsSchema.catch({});
const list = z.array(z.unknown()).catch([]);
const text = z.string().catch('');
const idText = z.union([z.string(), z.number().transform(String)]).catch('');
const place = z
  .union([
    z.int().min(0),
    z
      .string()
      .regex(/^\d{1,6}$/)
      .transform(Number),
  ])
  .optional()
  .catch(undefined);
const count = z
  .union([
    z.number().nonnegative(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .transform((value) => Math.min(Math.trunc(value), MAX_TOKENS))
  .optional()
  .catch(undefined);

const chunkSchema = z.object({
  choices: list,
  usage: fields,
  x_groq: fields,
  object: text,
  type: text,
  error: anything,
});
const choiceSchema = z.object({
  index: place,
  delta: anything,
  message: anything,
  text: anything,
  finish_reason: anything,
  error: anything,
  usage: fields,
});
const NO_CHOICE = choiceSchema.parse({});
const callSchema = z.object({ index: place, id: idText, function: fields });
const functionSchema = z.object({ name: text, arguments: anything });
const usageSchema = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  input_tokens: count,
  output_tokens: count,
  total_tokens: count,
});

/** DeepSeek and vLLM; OpenRouter; LiteLLM; Gemini. */
const TURN_FIELDS = [
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'thinking_blocks',
  'extra_content',
  'provider_specific_fields',
];

/**
 * Reads one JSON value that a model server sent. Never throws: what it does not understand is left out.
 * @param wanted index of the choice to read; unset: the first.
 */
export function readChunk(value: unknown, event = '', wanted?: number): Chunk {
  const raw = fields.parse(value);
  const chunk = chunkSchema.parse(raw);
  const choices = chunk.choices.map((each) => choiceSchema.parse(fields.parse(each)));
  const choice = choices.find(({ index = wanted }) => wanted === undefined || index === wanted) ?? NO_CHOICE;
  const message = fieldsSchema.safeParse(choice.message);
  const delta = fieldsSchema.safeParse(choice.delta);
  const isMessage = !isTelling(delta.data) && message.success;
  const body = (isMessage ? message.data : delta.data) ?? {};
  const error = findError({ value, event, raw, choice });
  const usage =
    readUsage(chunk.usage) ?? readUsage(choice.usage) ?? readUsage(fields.parse(chunk.x_groq['usage']));
  return {
    choice: choice.index,
    pieces: [...readPieces(body), ...(typeof choice.text === 'string' ? [textPiece(choice.text)] : [])],
    calls: readCalls(body),
    isMessage,
    finish: choice.finish_reason,
    turn: pick(body, TURN_FIELDS),
    ...(error !== undefined && { error }),
    ...(usage && { usage }),
  };
}

function isTelling(delta: Fields | undefined): boolean {
  return Object.entries(delta ?? {}).some(
    ([name, value]) => name !== 'role' && isPart(value) && !isEmptyList(value),
  );
}

interface ErrorPlaces {
  value: unknown;
  event: string;
  raw: Fields;
  choice: z.output<typeof choiceSchema>;
}

/**
 * Where a failure may be: in an event of that name, at the top level, in the choice, or next to `finish_reason:
 * "error"`.
 */
function findError({ value, event, raw, choice }: ErrorPlaces): unknown {
  if (event === 'error') return raw['error'] ?? value;
  if (isError(raw['error'])) return raw['error'];
  if (isError(choice.error)) return choice.error;
  const hasNoAnswer = raw['choices'] === undefined || raw['choices'] === null;
  if (hasNoAnswer && (raw['object'] === 'error' || raw['type'] === 'error')) return value;
  if (hasNoAnswer && isFailing(raw)) return value;
  if (hasNoAnswer && (isError(raw['detail']) || raw['success'] === false)) return value; // FastAPI; Cloudflare
  if (choice.finish_reason !== 'error') return undefined;
  return [choice.message, fields.parse(choice.message)['error'], fields.parse(choice.delta)['error']].find(
    isError,
  );
}

/** `null`, `false`, `""` and `{}` mean that there is none. */
function isError(value: unknown): boolean {
  if (typeof value !== 'object') return value !== undefined && value !== false && value !== '' && value !== 0;
  return value !== null && Object.keys(value).length > 0;
}

/** `{"code":429,"message":"…"}` where a chunk was expected. */
function isFailing(raw: Fields): boolean {
  return [raw['code'], raw['status'], raw['status_code']].some((value) => {
    const number = typeof value === 'string' ? Number(value) : value;
    return typeof number === 'number' && number >= 400 && number < 600;
  });
}

/** Tokens as counted by a provider; undefined if it does not report them. */
export function readUsage(value: Fields): ModelUsage | undefined {
  const read = usageSchema.parse(value);
  const prompt = read.prompt_tokens ?? read.input_tokens;
  const completion = read.completion_tokens ?? read.output_tokens;
  if (prompt === undefined && completion === undefined && read.total_tokens === undefined) return undefined;
  const [prompt_tokens, completion_tokens] = [prompt ?? 0, completion ?? 0];
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: read.total_tokens ?? prompt_tokens + completion_tokens,
  };
}

/** Thinking first: the model produced it first. A server that gives it under two names repeats it. */
function readPieces(body: Fields): Piece[] {
  const thinking = readParts(body['reasoning_content'], 'reasoning');
  const pieces = thinking.length > 0 ? thinking : readParts(body['reasoning'], 'reasoning');
  return [...pieces, ...readParts(body['content'], 'text'), ...readParts(body['refusal'], 'text')];
}

/** A text, a part (`{type, text}`), or a list of parts. */
function readParts(value: unknown, type: Piece['type'], depth = 0): Piece[] {
  if (typeof value === 'string') return value === '' ? [] : [{ type, text: value }];
  if (depth > DEEPEST_PARTS) return [];
  if (Array.isArray(value)) return value.flatMap((part) => readParts(part, type, depth + 1));
  const part = fieldsSchema.safeParse(value);
  if (!part.success) return [];
  const kind = text.parse(part.data['type']);
  const inner = /think|reason/.test(kind) ? 'reasoning' : type;
  const names = ['text', 'thinking', 'reasoning', 'refusal', 'content', 'value', 'summary'];
  const name = names.find((each) => isPart(part.data[each]));
  return name === undefined ? [] : readParts(part.data[name], inner, depth + 1);
}

const isPart = (value: unknown): boolean =>
  (typeof value === 'string' && value !== '') || (typeof value === 'object' && value !== null);

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const textPiece = (value: string): Piece => ({ type: 'text', text: value });

function readCalls(body: Fields): CallFragment[] {
  const { tool_calls } = body;
  const raw = Array.isArray(tool_calls) ? (tool_calls as unknown[]) : [tool_calls];
  const calls = raw
    .filter((each) => fieldsSchema.safeParse(each).success)
    .map((each) => readCall(each as Fields));
  const legacy = fieldsSchema.safeParse(body['function_call']); // how OpenAI began
  return legacy.success ? [...calls, readCall({ index: 0, function: legacy.data })] : calls;
}

function readCall(raw: Fields): CallFragment {
  const { index, id, function: inner } = callSchema.parse(raw);
  const { name, arguments: given } = functionSchema.parse(inner);
  const rest = omit(inner, ['name', 'arguments', 'parsed_arguments']);
  return {
    id,
    name,
    arguments: typeof given === 'string' ? given : toJson(given),
    isWhole: typeof given === 'object' && given !== null,
    fields: {
      ...omit(raw, ['index', 'id', 'type', 'function']),
      ...(Object.keys(rest).length > 0 && { function: rest }),
    },
    ...(index !== undefined && { index }),
  };
}

/** JSON of an external value; empty if there is none, or if it is nested too deeply to be written. */
function toJson(value: unknown): string {
  try {
    return value === undefined || value === null ? '' : JSON.stringify(value);
  } catch {
    return '';
  }
}

function pick(from: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(
    Object.entries(from).filter(([name, value]) => names.includes(name) && isPart(value)),
  );
}

function omit(from: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(
    Object.entries(from).filter(([name, value]) => ![...names, '__proto__'].includes(name) && value !== null),
  );
}
