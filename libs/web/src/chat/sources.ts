import type { FullToolCall, Source as NamedSource } from '@reprise/client';
import { inOrderOfNaming } from './naming.js';

/** Something that an answer is based on. */
export interface Source {
  /** Of the document, or else the address or the title. */
  readonly id: string;
  readonly isDocument: boolean;
  readonly title: string;
  /** Of a page of the web. */
  readonly url: string | null;
  /** Headings of the passages that were found, best first. */
  readonly headings: readonly string[];
  /** The best passage, verbatim; empty if none was found. */
  readonly passage: string;
}

interface Passage {
  document_id: string;
  title: string;
  heading?: string;
  text: string;
}

/**
 * What an answer is based on: first what it cites, then what it mentions, then the rest in the order found.
 * @param named by the server; `null` from servers that named no sources: then the documents that searches found.
 * @param calls whose results have the passages.
 */
export function sourcesOf(
  named: readonly NamedSource[] | null,
  calls: readonly FullToolCall[],
  answer: string,
): Source[] {
  const found = new Map<string, Source>();
  for (const passage of calls.flatMap(passagesOf)) {
    const known = found.get(passage.document_id);
    found.set(passage.document_id, known ? withPassage(known, passage) : toSource(passage));
  }
  const all = named ? named.map((source) => fromNamed(source, found)) : [...found.values()];
  return inOrderOfNaming(all, answer);
}

function fromNamed({ title, url, document_id }: NamedSource, found: ReadonlyMap<string, Source>): Source {
  const id = document_id ?? url ?? title;
  const { headings = [], passage = '' } = found.get(id) ?? {};
  const isDocument = document_id !== undefined;
  return { id, title, isDocument, url: isOfTheWeb(url) ? url : null, headings, passage };
}

/** An imported log may have any text as an address. */
function isOfTheWeb(url: string | undefined): url is string {
  return url !== undefined && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

function toSource({ document_id, title, heading, text }: Passage): Source {
  const headings = heading === undefined ? [] : [heading];
  return { id: document_id, title, isDocument: true, url: null, headings, passage: text };
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
