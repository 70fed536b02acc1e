import { rowsReading } from './joined-text.js';
import type { Row } from './rows.js';

/** What the table shows. */
export interface Filter {
  /** Types to show; none chosen means all. */
  readonly types: ReadonlySet<string>;
  /** Text to find in an event's JSON, or in the answer and the thinking as displayed; case-insensitive. */
  readonly search: string;
}

/** Shows everything. */
export const NO_FILTER: Filter = { types: new Set(), search: '' };

/** The number of events of each type, in the order of first appearance. */
export function countTypes(rows: readonly Row[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { event } of rows) counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
  return counts;
}

/** The matching rows. The same array if the filter excludes nothing by its nature. */
export function filterRows(rows: readonly Row[], { types, search }: Filter): readonly Row[] {
  const finds = matcher(search);
  if (types.size === 0 && !finds) return rows;
  const reading = rowsReading(rows, search);
  const isFound = (row: Row): boolean => !finds || finds(row.json) || reading.has(row);
  return rows.filter((row) => (types.size === 0 || types.has(row.event.type)) && isFound(row));
}

/** Adds or removes a type. */
export function toggleType({ types, search }: Filter, type: string): Filter {
  const next = new Set(types);
  if (!next.delete(type)) next.add(type);
  return { types: next, search };
}

/** Index in `rows` of the row with this `index`, or of the nearest one before it; -1 if all come later. */
export function placeOf(rows: readonly Row[], index: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle]?.index ?? Infinity) <= index) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * Finds JSON as it is written, or text as it is displayed: a quote is found whether or not it is typed with its
 * backslash.
 */
function matcher(search: string): ((json: string) => boolean) | undefined {
  const typed = search.trim().toLowerCase();
  if (typed === '') return undefined;
  const written = JSON.stringify(search.trim()).slice(1, -1).toLowerCase();
  return (json) => {
    const haystack = json.toLowerCase();
    return haystack.includes(typed) || (written !== typed && haystack.includes(written));
  };
}
