import type { StreamEvent } from '@reprise/protocol';

/** One event of a log, with what a table needs to know about it. */
export interface Row {
  /** Place in the array; equal to `seq` as long as nothing is missing. */
  readonly index: number;
  readonly event: StreamEvent;
  /** Place in the log, as its id says; NaN when the id cannot be read. */
  readonly seq: number;
  /** Since the first event, ms. Never smaller than that of the row before: two workers' clocks may differ. */
  readonly offset: number;
  /** Since the event before, ms. */
  readonly delta: number;
  /** The event as JSON on one line. */
  readonly json: string;
  /** Of the JSON, UTF-8. */
  readonly bytes: number;
  /** Events that should stand before this one and do not. A whole log has none anywhere. */
  readonly missing: number;
}

const utf8 = new TextEncoder();

/** The rows of `events` behind `before`, which stay the same objects. */
export function extendRows(before: readonly Row[], events: readonly StreamEvent[]): readonly Row[] {
  if (events.length === 0) return before;
  const rows = [...before];
  const first = rows[0]?.event ?? events[0];
  const origin = first ? timeOf(first) : 0;
  for (const event of events) rows.push(toRow(event, rows.at(-1), origin));
  return rows;
}

function toRow(event: StreamEvent, before: Row | undefined, origin: number): Row {
  const json = JSON.stringify(event);
  const offset = Math.max(timeOf(event) - origin, before?.offset ?? 0);
  const seq = Number(/^\d+_(\d+)_/.exec(event.id)?.[1]);
  const expected = before ? before.seq + 1 : 0;
  return {
    index: before ? before.index + 1 : 0,
    event,
    seq,
    offset,
    delta: before ? offset - before.offset : 0,
    json,
    bytes: utf8.encode(json).length,
    missing: seq > expected ? seq - expected : 0,
  };
}

/** Epoch ms; 0 for what is no time, so that one bad event does not empty the page. */
function timeOf(event: StreamEvent): number {
  const time = Date.parse(event.ts);
  return Number.isNaN(time) ? 0 : time;
}

/** Index of the last row at or before `offset` (ms); -1 when there is none. */
export function indexAt(offsets: ArrayLike<number>, offset: number): number {
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Length of the log in time, ms. */
export const durationOf = (rows: readonly Row[]): number => rows.at(-1)?.offset ?? 0;
