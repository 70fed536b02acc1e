import type { StreamEvent } from '@reprise/protocol';
import { durationOf, type Row } from './rows.js';
import { endsSilence, findGaps, type Silence } from './silences.js';
import type { Waterfall } from './waterfall.js';

/** A log in numbers. */
export interface Figures {
  readonly events: number;
  readonly bytes: number;
  /** From the first event to the last, ms. */
  readonly duration: number;
  /** From the first event to the first words of the answer, ms; null if there are none. */
  readonly firstContent: number | null;
  /** Characters of the answer. */
  readonly characters: number;
  readonly tools: number;
  readonly failedTools: number;
  /** Time in which at least one tool ran, ms; what ran in parallel counts once. */
  readonly toolTime: number;
  /** Time in which the model was at work, ms. */
  readonly modelTime: number;
  readonly turns: number;
  readonly attempts: number;
  /** The longest time between two events; null for a log of fewer than two. */
  readonly longestSilence: Silence | null;
  /** Events per second over the whole log; null if it has no duration. */
  readonly rate: number | null;
  /** Of `end`; null before it. */
  readonly usage: StreamEvent<'end'>['usage'] | null;
  readonly status: StreamEvent<'end'>['status'] | null;
  /** Events that are missing. */
  readonly missing: number;
}

/** Counts and measures a log. */
export function toFigures(rows: readonly Row[], { tools, turns, attempts }: Waterfall): Figures {
  const duration = durationOf(rows);
  const first = rows.find(({ event }) => event.type === 'content');
  const end = rows.at(-1)?.event;
  const ended = end?.type === 'end' ? end : null;
  return {
    events: rows.length,
    bytes: sum(rows.map(({ bytes }) => bytes)),
    duration,
    firstContent: first ? first.offset : null,
    characters: sum(rows.map(({ event }) => (event.type === 'content' ? event.md.length : 0))),
    tools: tools.length,
    failedTools: tools.filter(({ status }) => status === 'error').length,
    toolTime: covered(tools),
    modelTime: covered(turns),
    turns: turns.length,
    attempts: attempts.at(-1)?.attempt ?? 0,
    longestSilence: longest(rows),
    rate: duration > 0 ? (rows.length / duration) * 1000 : null,
    usage: ended?.usage ?? null,
    status: ended?.status ?? null,
    missing: sum(findGaps(rows).map(({ missing }) => missing)),
  };
}

/** Length of the union of spans, ms. */
export function covered(spans: readonly { from: number; to: number }[]): number {
  let total = 0;
  let reached = -Infinity;
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    if (to > reached) total += to - Math.max(from, reached);
    reached = Math.max(reached, to);
  }
  return total;
}

function longest(rows: readonly Row[]): Silence | null {
  let best: Row | undefined;
  for (const row of rows.slice(1)) if (endsSilence(row, 0) && (!best || row.delta > best.delta)) best = row;
  return best ? { from: best.offset - best.delta, to: best.offset, index: best.index } : null;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
