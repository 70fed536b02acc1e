import { isJsonObject } from '../../common/index.js';
import type { ModelUsage } from '../chat-model.js';
import { toCount, toFields, toId, toIndex, toJson, toList, toText, type Fields } from '../server/lenient.js';
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

const DEEPEST_PARTS = 4;

/** One alternative of an answer, unread but for its index. */
interface Choice extends Fields {
  index: number | undefined;
}

const toChoice = (value: unknown): Choice => {
  const fields = toFields(value);
  return { ...fields, index: toIndex(fields['index']) };
};
const NO_CHOICE = toChoice({});

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
  const raw = toFields(value);
  const choices = toList(raw['choices']).map(toChoice);
  const choice = choices.find(({ index = wanted }) => wanted === undefined || index === wanted) ?? NO_CHOICE;
  const delta = toFields(choice['delta']);
  const isMessage = !isTelling(delta) && isJsonObject(choice['message']);
  const body = isMessage ? toFields(choice['message']) : delta;
  const error = findError({ value, event, raw, choice });
  const usage =
    readUsage(toFields(raw['usage'])) ??
    readUsage(toFields(choice['usage'])) ??
    readUsage(toFields(toFields(raw['x_groq'])['usage']));
  return {
    choice: choice.index,
    pieces: [...readPieces(body), ...(typeof choice['text'] === 'string' ? [textPiece(choice['text'])] : [])],
    calls: readCalls(body),
    isMessage,
    finish: choice['finish_reason'],
    turn: pick(body, TURN_FIELDS),
    ...(error !== undefined && { error }),
    ...(usage && { usage }),
  };
}

function isTelling(delta: Fields): boolean {
  return Object.entries(delta).some(
    ([name, value]) => name !== 'role' && isPart(value) && !isEmptyList(value),
  );
}

interface ErrorPlaces {
  value: unknown;
  event: string;
  raw: Fields;
  choice: Choice;
}

/**
 * Where a failure may be: in an event of that name, at the top level, in the choice, or next to `finish_reason:
 * "error"`.
 */
function findError({ value, event, raw, choice }: ErrorPlaces): unknown {
  if (event === 'error') return raw['error'] ?? value;
  if (isError(raw['error'])) return raw['error'];
  if (isError(choice['error'])) return choice['error'];
  const hasNoAnswer = raw['choices'] === undefined || raw['choices'] === null;
  if (hasNoAnswer && (raw['object'] === 'error' || raw['type'] === 'error')) return value;
  if (hasNoAnswer && isFailing(raw)) return value;
  if (hasNoAnswer && (isError(raw['detail']) || raw['success'] === false)) return value; // FastAPI; Cloudflare
  if (choice['finish_reason'] !== 'error') return undefined;
  return [choice['message'], toFields(choice['message'])['error'], toFields(choice['delta'])['error']].find(
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
  const prompt = toCount(value['prompt_tokens']) ?? toCount(value['input_tokens']);
  const completion = toCount(value['completion_tokens']) ?? toCount(value['output_tokens']);
  const total = toCount(value['total_tokens']);
  if (prompt === undefined && completion === undefined && total === undefined) return undefined;
  const [prompt_tokens, completion_tokens] = [prompt ?? 0, completion ?? 0];
  const details = toFields(value['prompt_tokens_details'] ?? value['input_tokens_details']);
  const cached = toCount(details['cached_tokens']) ?? toCount(value['prompt_cache_hit_tokens']); // DeepSeek
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: total ?? prompt_tokens + completion_tokens,
    ...(cached !== undefined && cached > 0 && { cached_tokens: Math.min(cached, prompt_tokens) }),
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
  if (!isJsonObject(value)) return [];
  const kind = toText(value['type']);
  const inner = /think|reason/.test(kind) ? 'reasoning' : type;
  const names = ['text', 'thinking', 'reasoning', 'refusal', 'content', 'value', 'summary'];
  const name = names.find((each) => isPart(value[each]));
  return name === undefined ? [] : readParts(value[name], inner, depth + 1);
}

const isPart = (value: unknown): boolean =>
  (typeof value === 'string' && value !== '') || (typeof value === 'object' && value !== null);

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const textPiece = (value: string): Piece => ({ type: 'text', text: value });

function readCalls(body: Fields): CallFragment[] {
  const { tool_calls } = body;
  const raw = Array.isArray(tool_calls) ? (tool_calls as unknown[]) : [tool_calls];
  const calls = raw.filter(isJsonObject).map(readCall);
  const legacy = body['function_call']; // how OpenAI began
  return isJsonObject(legacy) ? [...calls, readCall({ index: 0, function: legacy })] : calls;
}

function readCall(raw: Fields): CallFragment {
  const inner = toFields(raw['function']);
  const index = toIndex(raw['index']);
  const given = inner['arguments'];
  const rest = omit(inner, ['name', 'arguments', 'parsed_arguments']);
  return {
    id: toId(raw['id']),
    name: toText(inner['name']),
    arguments: typeof given === 'string' ? given : toJson(given),
    isWhole: typeof given === 'object' && given !== null,
    fields: {
      ...omit(raw, ['index', 'id', 'type', 'function']),
      ...(Object.keys(rest).length > 0 && { function: rest }),
    },
    ...(index !== undefined && { index }),
  };
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
