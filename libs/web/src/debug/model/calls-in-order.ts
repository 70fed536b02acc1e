import type { StreamEvent } from '@reprise/protocol';
import type { Row } from './rows.js';

/**
 * Rows as two runs are compared: of tool calls that ran at the same time, each is kept whole, in an order that does
 * not depend on which started or ended first. `keyOf` says what an event is, without ids and times.
 */
export function callsInOrder(rows: readonly Row[], keyOf: (event: StreamEvent) => string): Row[] {
  const ordered: Row[] = [];
  let together: Row[] = [];
  const open = new Set<string>();
  for (const row of rows) {
    const id = callOf(row.event);
    if (row.event.type === 'tool_start' && id !== null) open.add(id);
    if (open.size === 0) {
      ordered.push(row);
      continue;
    }
    together.push(row);
    if (row.event.type === 'tool_end' && id !== null) open.delete(id);
    if (open.size > 0) continue;
    ordered.push(...arranged(together, keyOf));
    together = [];
  }
  return [...ordered, ...arranged(together, keyOf)];
}

/** Calls first, each whole; equal ones in the order in which they started. Then everything else said meanwhile. */
function arranged(rows: readonly Row[], keyOf: (event: StreamEvent) => string): Row[] {
  const calls = new Map<string, Row[]>();
  const others: Row[] = [];
  for (const row of rows) {
    const id = callOf(row.event);
    if (id === null) others.push(row);
    else calls.set(id, [...(calls.get(id) ?? []), row]);
  }
  const keyed = [...calls.values()].map((call) => ({
    call,
    key: call.map(({ event }) => keyOf(event)).join('\n'),
  }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  return [...keyed.flatMap(({ call }) => call), ...others];
}

function callOf(event: StreamEvent): string | null {
  return 'call_id' in event && typeof event.call_id === 'string' ? event.call_id : null;
}
