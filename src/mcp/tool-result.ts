import { isDeepStrictEqual } from 'node:util';
import {
  cleanText,
  cleanTexts,
  clip,
  clipWithMark,
  isTooDeep,
  jsonFault,
  parseJson,
} from '../common/index.js';
import { ToolError, type ToolResult } from '../tools/index.js';
import type { RemoteResult, ResultBlock } from './connections/connection.js';
import { showBytes } from './connections/limited-body.js';

const ERROR_MAX_CHARS = 8000;
const LABEL_MAX_CHARS = 300;
const TOO_DEEP = '(The tool returned a result that is nested too deeply.)';
const NOTHING = '(The tool returned nothing.)';

/**
 * A result as the model reads it: the structured part once, every text that is not just that part again, and one line
 * for everything that is no text.
 * @throws ToolError if the tool failed: what it says is for the model.
 */
export function toToolResult({ blocks, structured, isError }: RemoteResult): ToolResult {
  const parts = blocks.map((block) => ({ block, text: cleanText(show(block)) }));
  const texts = parts.map(({ text }) => text);
  const fit = structured !== undefined && !isUnfit(structured);
  const json: unknown = fit ? cleanTexts(structured) : undefined;
  if (isError) throw new ToolError(errorText(texts, json));
  if (json === undefined) return { text: join(texts) || (structured === undefined ? NOTHING : TOO_DEEP) };
  const known = textsIn(json);
  const others = parts.filter(({ block, text }) => block.type !== 'text' || !repeats(text, json, known));
  if (others.length === 0) return { json };
  return { json, text: join([JSON.stringify(json), ...others.map(({ text }) => text)]) };
}

function errorText(texts: readonly string[], structured: unknown): string {
  const said = join(texts);
  const instead = structured === undefined ? '' : JSON.stringify(structured);
  return clipWithMark(said || instead || 'The tool failed and did not say why.', ERROR_MAX_CHARS);
}

/** Nothing may recurse over it. */
function isUnfit(value: unknown): boolean {
  return jsonFault(value, (member) => (isTooDeep(member) ? 'too deep' : undefined)) !== undefined;
}

/** Whether a text is the structured result again, or one of its texts. */
function repeats(text: string, structured: unknown, known: ReadonlySet<string>): boolean {
  const trimmed = text.trim();
  return known.has(trimmed) || isDeepStrictEqual(parseJson(trimmed), structured);
}

function textsIn(value: unknown): ReadonlySet<string> {
  const texts = new Set<string>();
  jsonFault(value, ({ value: inner }) => {
    if (typeof inner === 'string') texts.add(inner.trim());
    return undefined;
  });
  return texts;
}

function join(texts: readonly string[]): string {
  return texts.filter((text) => text.trim() !== '').join('\n\n');
}

function show(block: ResultBlock): string {
  switch (block.type) {
    case 'text':
      return textOf(block['text']);
    case 'image':
    case 'audio':
      return `[${block.type}: ${media(block['mimeType'], block['data'])}; it cannot be shown here]`;
    case 'resource_link':
      return showLink(block);
    case 'resource':
      return showResource(block['resource']);
    default:
      return `[a part of type "${clip(block.type, LABEL_MAX_CHARS)}" that cannot be shown here]`;
  }
}

function showLink({ uri, name, title, description, mimeType }: ResultBlock): string {
  const about = [title ?? name, mimeType, description].map(textOf).filter((text) => text !== '');
  return `[resource ${label(uri)}${about.length > 0 ? `: ${label(about.join(', '))}` : ''}]`;
}

function showResource(resource: unknown): string {
  const { uri, text, blob, mimeType } = (resource ?? {}) as Record<string, unknown>;
  if (typeof text === 'string') return `Resource ${label(uri)}:\n${text}`;
  return `[resource ${label(uri)}: ${media(mimeType, blob)}; it cannot be shown here]`;
}

function media(mimeType: unknown, base64: unknown): string {
  const size = typeof base64 === 'string' ? showBytes(Math.floor((base64.length * 3) / 4)) : 'no data';
  return `${label(mimeType) || 'unknown type'}, ${size}`;
}

function label(value: unknown): string {
  return clip(textOf(value).replace(/\s+/g, ' '), LABEL_MAX_CHARS);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
