import type { Row } from './rows.js';

/** The text of many events as displayed, and where each of them starts in it. In lower case, with single spaces. */
interface Joined {
  readonly text: string;
  readonly starts: readonly number[];
  readonly rows: readonly Row[];
}

const known = new WeakMap<readonly Row[], readonly Joined[]>();

/** Rows at which a match starts that crosses events: in the answer, or in the thinking. */
export function rowsReading(rows: readonly Row[], search: string): ReadonlySet<Row> {
  const wanted = readable(search).trim();
  const found = new Set<Row>();
  if (wanted === '') return found;
  for (const joined of textsOf(rows)) {
    for (let at = joined.text.indexOf(wanted); at >= 0; at = joined.text.indexOf(wanted, at + 1)) {
      const row = joined.rows[rowAt(joined.starts, at)];
      if (row) found.add(row);
    }
  }
  return found;
}

function textsOf(rows: readonly Row[]): readonly Joined[] {
  const before = known.get(rows);
  if (before) return before;
  const content = rows.map(({ event }) => (event.type === 'content' ? event.md : null));
  // Each thought is an event; a blank line separated two of them.
  const thoughts = rows.map(({ event }) => (event.type === 'rationale' ? `${event.text} ` : null));
  const texts = [join(rows, content), join(rows, thoughts)];
  known.set(rows, texts);
  return texts;
}

function join(all: readonly Row[], texts: readonly (string | null)[]): Joined {
  const parts: string[] = [];
  const starts: number[] = [];
  const rows: Row[] = [];
  let length = 0;
  for (const [index, text] of texts.entries()) {
    const row = all[index];
    if (text === null || !row) continue;
    const last = parts.at(-1) ?? '';
    const part = last.endsWith(' ') ? readable(text).trimStart() : readable(text);
    starts.push(length);
    rows.push(row);
    if (part === '') continue;
    parts.push(part);
    length += part.length;
  }
  return { text: parts.join(''), starts, rows };
}

/** The last row that starts at or before a position. */
function rowAt(starts: readonly number[], at: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function readable(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ');
}
