import { asJsonObject, cleanText, clip, parseJson, redactSecrets } from '../../common/index.js';
import type { ProviderCause } from '../chat-model.js';

const MESSAGE_MAX_CHARS = 500;
const WORD_MAX_CHARS = 80;

/** What a provider sent instead of an answer: over HTTP, or as an error object inside a stream. */
export interface Refusal {
  status?: number | undefined;
  headers?: Headers | undefined;
  /** The raw body. */
  text: string;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads an error body in the shapes that servers use: OpenAI's `{error: {…}}`, the same without the wrapper (older
 * vLLM), as the only item of a list (Gemini), with a text in place of the object (xAI, Ollama's own API), FastAPI's
 * `detail`, and problem+json. llama.cpp puts a number in `code`, where others have a word, and the word in `type`.
 */
export function readCause({ status, text }: Refusal, secrets: readonly string[] = []): ProviderCause {
  const root = asJsonObject(parse(text));
  const error =
    asJsonObject(root?.['error']) ?? asJsonObject(asJsonObject(root?.['detail'])?.['error']) ?? root;
  const word = (value: unknown): string | undefined => bounded(value, WORD_MAX_CHARS, secrets);
  const detail = firstDetail(root);
  return present({
    status,
    type: word(error?.['type'] ?? error?.['status'] ?? detail?.['type']),
    code: word(error?.['code'] ?? root?.['code']),
    message: bounded(messageOf(root, error), MESSAGE_MAX_CHARS, secrets),
  });
}

/** The parameter that an error object names, and the path that FastAPI gives, each as one text. */
export function namedParameters({ text }: Refusal): string[] {
  const root = asJsonObject(parse(text));
  const error = asJsonObject(root?.['error']) ?? root;
  const paths = asList(root?.['detail']).map((item) =>
    asList(asJsonObject(item)?.['loc']).map(String).join('.'),
  );
  return [error?.['param'], ...paths].filter((name): name is string => typeof name === 'string');
}

/** A number somewhere in an error object, by its name. */
export function namedNumber({ text }: Refusal, name: string): number | undefined {
  const root = asJsonObject(parse(text));
  const value = asJsonObject(root?.['error'])?.[name] ?? root?.[name];
  return typeof value === 'number' && value > 0 ? value : undefined;
}

/** HTML: a proxy, a sign-in page or a web site has answered. */
export function isHtml(text: string): boolean {
  return /^\uFEFF?\s*<(!doctype|html|head|body|\?xml|!--)/i.test(text);
}

function messageOf(root: Fields | undefined, error: Fields | undefined): unknown {
  const text = root?.['error'];
  if (typeof text === 'string') return text;
  const details = asList(root?.['detail']).map(asJsonObject).map(detailText).filter(Boolean);
  return (
    error?.['message'] ?? error?.['msg'] ?? (details.join('; ') || (root?.['detail'] ?? root?.['title']))
  );
}

function firstDetail(root: Fields | undefined): Fields | undefined {
  return asJsonObject(asList(root?.['detail'])[0]);
}

function detailText(item: Fields | undefined): string {
  const message = item?.['msg'];
  return typeof message === 'string' ? `${asList(item?.['loc']).map(String).join('.')}: ${message}` : '';
}

function bounded(value: unknown, max: number, secrets: readonly string[]): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return undefined;
  // Redacted before it is cut: half a key is still half a key.
  const clean = cleanText(redactSecrets(value, secrets)).replace(/\s+/g, ' ').trim();
  return clean === '' ? undefined : clip(clean, max);
}

function parse(text: string): unknown {
  const value = parseJson(text);
  return Array.isArray(value) ? value[0] : value;
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function present(fields: { [K in keyof ProviderCause]: ProviderCause[K] | undefined }): ProviderCause {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The body in OpenAI's shape, the only one that its client passes on. */
export function inOpenAiShape(text: string): string {
  const root = asJsonObject(parse(text));
  if (!root || asJsonObject(root['error'])) return text;
  const { message } = readCause({ text });
  return JSON.stringify({ error: { ...root, ...(message !== undefined && { message }) } });
}
