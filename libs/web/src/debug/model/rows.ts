import type { StreamEvent } from '@reprise/protocol';

/** One event of a log, with what a table needs to know about it. */
export interface Row {
  /** Index in the array; equal to `seq` as long as nothing is missing. */
  readonly index: number;
  readonly event: StreamEvent;
  /** Position in the log according to its id; NaN if the id cannot be parsed. */
  readonly seq: number;
  /** Since the first event, ms. Never smaller than in the row before, although two workers' clocks may differ. */
  readonly offset: number;
  /** Since the previous event, ms. */
  readonly delta: number;
  /** The event as JSON on one line. */
  readonly json: string;
  /** Of the JSON, UTF-8. */
  readonly bytes: number;
  /** Events missing before this one. A complete log has none. */
  readonly missing: number;
}

const utf8 = new TextEncoder();

/** The rows of `events` after `before`, which stay the same objects. */
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

/** Epoch ms; 0 for an invalid time, so that one bad event does not empty the page. */
function timeOf(event: StreamEvent): number {
  const time = Date.parse(event.ts);
  return Number.isNaN(time) ? 0 : time;
}

/** Index of the last row at or before `offset` (ms); -1 if there is none. */
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

/** Duration of the log, ms. */
export const durationOf = (rows: readonly Row[]): number => rows.at(-1)?.offset ?? 0;
