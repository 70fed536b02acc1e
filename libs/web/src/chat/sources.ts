import type { ToolCallRecord } from '@reprise/client';

/** A document that an answer rests on. */
export interface Source {
  readonly documentId: string;
  readonly title: string;
  /** Headings of the passages that were found, the best first. */
  readonly headings: readonly string[];
  /** The best passage. */
  readonly excerpt: string;
  /** The answer names it. */
  readonly isNamed: boolean;
}

interface Passage {
  document_id: string;
  title: string;
  heading?: string;
  text: string;
}

/** The documents that searches found, those first that the answer names; only those when it names any. */
export function sourcesOf(calls: readonly ToolCallRecord[], answer: string): Source[] {
  const sources = new Map<string, Source>();
  for (const passage of calls.flatMap(passagesOf)) {
    const known = sources.get(passage.document_id);
    sources.set(passage.document_id, known ? withPassage(known, passage) : toSource(passage, answer));
  }
  const all = [...sources.values()];
  const named = all.filter(({ isNamed }) => isNamed);
  return named.length > 0 ? named : all;
}

function toSource({ document_id, title, heading, text }: Passage, answer: string): Source {
  const headings = heading === undefined ? [] : [heading];
  return { documentId: document_id, title, headings, excerpt: plain(text), isNamed: answer.includes(title) };
}

function withPassage(source: Source, { heading }: Passage): Source {
  if (heading === undefined || source.headings.includes(heading)) return source;
  return { ...source, headings: [...source.headings, heading] };
}

/** The passages in the result of a search; none in that of another tool. */
function passagesOf({ status, result }: ToolCallRecord): Passage[] {
  if (status !== 'ok' || result?.startsWith('{') !== true) return [];
  try {
    const { passages } = JSON.parse(result) as { passages?: unknown };
    return Array.isArray(passages) ? passages.filter(isPassage) : [];
  } catch {
    return []; // another tool's text, or one that was cut
  }
}

function isPassage(value: unknown): value is Passage {
  if (typeof value !== 'object' || value === null) return false;
  const { document_id, title, heading, text } = value as Record<string, unknown>;
  const isText = [document_id, title, text].every((field) => typeof field === 'string');
  return isText && (heading === undefined || typeof heading === 'string');
}

/** Markdown without its marks, in one line. */
function plain(text: string): string {
  return text
    .replace(/^#+ .*$/gm, '')
    .replace(/[*_`>#|]+/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
