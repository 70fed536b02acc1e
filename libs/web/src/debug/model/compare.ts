import type { StreamEvent } from '@reprise/protocol';
import { callsInOrder } from './calls-in-order.js';
import type { Row } from './rows.js';
import { summarise } from './summary.js';

/** What a run did, without what differs between any two runs: ids, times, how its text was split into events. */
export interface Step {
  readonly type: string;
  /** Equal for equal steps. */
  readonly essence: string;
  /** For a person. */
  readonly text: string;
  /** The rows it consists of. */
  readonly from: number;
  readonly to: number;
}

/** Where two runs diverge. A missing step: that run was over. */
export interface Divergence {
  readonly step: number;
  readonly left: Step | null;
  readonly right: Step | null;
}

/**
 * The steps of a log. Consecutive chunks of the answer are one step; calls that ran in parallel are each kept whole.
 */
export function toSteps(rows: readonly Row[]): Step[] {
  const steps: Step[] = [];
  for (const { event, index } of callsInOrder(rows, essenceOf)) {
    const last = steps.at(-1);
    if (event.type === 'content' && last?.type === 'content') {
      const text = last.text + event.md;
      steps[steps.length - 1] = { ...last, text, essence: text, to: index };
    } else {
      const text = event.type === 'content' ? event.md : summarise(event);
      steps.push({ type: event.type, essence: essenceOf(event), text, from: index, to: index });
    }
  }
  return steps;
}

/** The first step that differs; null if two runs did the same. */
export function firstDivergence(left: readonly Step[], right: readonly Step[]): Divergence | null {
  const length = Math.max(left.length, right.length);
  for (let step = 0; step < length; step++) {
    const [a, b] = [left[step], right[step]];
    if (a?.type !== b?.type || a?.essence !== b?.essence) return { step, left: a ?? null, right: b ?? null };
  }
  return null;
}

/** Length of the common prefix of two texts; never ends within a character. */
export function commonPrefix(left: string, right: string): number {
  const most = Math.min(left.length, right.length);
  let at = 0;
  while (at < most && left.charCodeAt(at) === right.charCodeAt(at)) at++;
  const isHalf = at > 0 && /[\uD800-\uDBFF]/.test(left.charAt(at - 1));
  return isHalf ? at - 1 : at;
}

/** Fields that say when, by whom and under which name, not what. */
const ACCIDENTAL = new Set([
  'v',
  'id',
  'ts',
  'message_id',
  'chat_id',
  'call_id',
  'parent_call_id',
  'ms',
  'ms_total',
  'usage',
  'attempt',
  'expires_at',
]);

function essenceOf(event: StreamEvent): string {
  if (event.type === 'content') return event.md;
  const own = Object.entries(event).filter(([key]) => !ACCIDENTAL.has(key));
  return JSON.stringify(own.sort(([a], [b]) => (a < b ? -1 : 1)));
}
