import { clip } from '../common/index.js';
import type { ComparedTurn, Report, ShownTurn } from './comparison.js';

const TEXT_CHARS = 160;

/** A report for people: a line for each turn, more where the runs depart. */
export function printed(report: Report): string {
  const { agent, version, recorded_version, turns, ending, outcomes, not_recorded } = report;
  const lines = [
    `Agent ${agent}, version ${version}${versionThen(recorded_version, version)}.`,
    ...turns.flatMap(linesOf),
    ...outcomes.map(
      ({ call, recorded, replayed }) =>
        `! ${clip(call, TEXT_CHARS)} ended with ${replayed}, in the log with ${recorded}`,
    ),
    ...not_recorded.map((call) => `! not in the log: ${clip(call, TEXT_CHARS)}`),
    ...(ending ? [`! ended with ${ending.replayed}, in the log with ${ending.recorded}`] : []),
    verdict(report),
  ];
  return `${lines.join('\n')}\n`;
}

function versionThen(then: string | null, now: string): string {
  if (then === null) return '; the log names no version';
  return then === now ? ', as in the log' : `; in the log ${then}: its definition has changed`;
}

function linesOf(turn: ComparedTurn): string[] {
  const { parent_call_id, step, same, recorded, replayed } = turn;
  const name = `turn ${step}${parent_call_id === null ? '' : ` of ${parent_call_id}`}`;
  if (same) return [`= ${name}  ${said(replayed ?? recorded)}`];
  return [`≠ ${name}`, `  - ${said(recorded)}`, `  + ${said(replayed)}`];
}

function said(turn: ShownTurn | null): string {
  if (!turn) return '(no such turn)';
  const text = turn.text.trim().replace(/\s+/g, ' ');
  const parts = [
    ...(text === '' ? [] : [`"${clip(text, TEXT_CHARS)}"`]),
    ...turn.calls.map((call) => clip(call, TEXT_CHARS)),
  ];
  return parts.join(' ') || '(nothing)';
}

function verdict({ same, turns, ending }: Report): string {
  if (same) return `The same in all ${turns.length} turns.`;
  const first = turns.find((turn) => !turn.same);
  if (!first) return ending ? 'The turns are the same, the ending is not.' : 'The run departs from the log.';
  const where = first.parent_call_id === null ? '' : ` of the agent that ${first.parent_call_id} started`;
  return `Departs in turn ${first.step}${where}: ${REASON[first.differs ?? 'calls']}.`;
}

const REASON = {
  calls: 'other calls',
  text: 'another text',
  missing: 'the replayed run had ended',
  added: 'the recorded run had ended',
};
