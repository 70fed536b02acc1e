import type { FullToolCall } from '@reprise/client';
import { inOrderOfNaming } from './naming.js';

/** A document that an answer is based on. */
export interface Source {
  readonly documentId: string;
  readonly title: string;
  /** Headings of the passages that were found, best first. */
  readonly headings: readonly string[];
  /** The best passage, verbatim. */
  readonly passage: string;
}

interface Passage {
  document_id: string;
  title: string;
  heading?: string;
  text: string;
}

/**
 * All documents that searches found: first those the answer cites, then those it mentions, then the others in the
 * order found.
 */
export function sourcesOf(calls: readonly FullToolCall[], answer: string): Source[] {
  const sources = new Map<string, Source>();
  for (const passage of calls.flatMap(passagesOf)) {
    const known = sources.get(passage.document_id);
    sources.set(passage.document_id, known ? withPassage(known, passage) : toSource(passage));
  }
  return inOrderOfNaming([...sources.values()], answer);
}

function toSource({ document_id, title, heading, text }: Passage): Source {
  return { documentId: document_id, title, headings: heading === undefined ? [] : [heading], passage: text };
}

function withPassage(source: Source, { heading }: Passage): Source {
  if (heading === undefined || source.headings.includes(heading)) return source;
  return { ...source, headings: [...source.headings, heading] };
}

/** The passages in the result of a search; none in the result of another tool. */
function passagesOf({ status, result }: FullToolCall): Passage[] {
  if (status !== 'ok' || result?.startsWith('{') !== true) return [];
  try {
    const { passages } = JSON.parse(result) as { passages?: unknown };
    return Array.isArray(passages) ? passages.filter(isPassage) : [];
  } catch {
    return []; // another tool's text, or one that was cut off
  }
}

function isPassage(value: unknown): value is Passage {
  if (typeof value !== 'object' || value === null) return false;
  const { document_id, title, heading, text } = value as Record<string, unknown>;
  const isText = [document_id, title, text].every((field) => typeof field === 'string');
  return isText && (heading === undefined || typeof heading === 'string');
}
