import type { EventBody, StreamEvent } from '@reprise/protocol';
import type { AgentOutcome, JournaledCall } from '../agent/index.js';
import { signatureOf, type Turn } from './turns.js';

/** One turn of both runs. */
export interface ComparedTurn {
  /** The call that has started the agent; null for the run's own. */
  parent_call_id: string | null;
  /** Turn of its agent, from 1. */
  step: number;
  same: boolean;
  recorded: ShownTurn | null;
  replayed: ShownTurn | null;
  /** What differs first. */
  differs: 'calls' | 'text' | 'missing' | 'added' | null;
}

/** A turn as it is reported. */
export interface ShownTurn {
  text: string;
  /** `name(arguments)` */
  calls: string[];
}

/** How a replay went. */
export interface Report {
  same: boolean;
  agent: string;
  /** Versions of the agent's definition, then and now; null if the log does not name one. */
  recorded_version: string | null;
  version: string;
  turns: ComparedTurn[];
  /** How the runs ended, if not in the same way. */
  ending: { recorded: string; replayed: string } | null;
  /** Calls that ended in another way than in the log: `ok`, or the code of the error. */
  outcomes: { call: string; recorded: string; replayed: string }[];
  /** Calls without a recorded result. */
  not_recorded: string[];
}

/** Everything that a comparison is made from. */
export interface Comparable {
  recorded: ReadonlyMap<string | undefined, readonly Turn[]>;
  heard: readonly Turn[];
  ignoreText: boolean;
}

/** The turns of both runs side by side: those of the run's own agent first, then each agent that it started. */
export function compareTurns({ recorded, heard, ignoreText }: Comparable): ComparedTurn[] {
  const parents = new Set([...recorded.keys(), ...heard.map(({ parent }) => parent)]);
  return [...parents].flatMap((parent) => {
    const before = recorded.get(parent) ?? [];
    const now = heard.filter((turn) => turn.parent === parent);
    return Array.from({ length: Math.max(before.length, now.length) }, (_, index) =>
      compared(parent, index + 1, { before: before[index], now: now[index], ignoreText }),
    );
  });
}

function compared(
  parent: string | undefined,
  step: number,
  { before, now, ignoreText }: { before: Turn | undefined; now: Turn | undefined; ignoreText: boolean },
): ComparedTurn {
  const [recorded, replayed] = [before && shown(before), now && shown(now)];
  const differs = difference(recorded, replayed, ignoreText);
  return {
    parent_call_id: parent ?? null,
    step,
    same: differs === null,
    recorded: recorded ?? null,
    replayed: replayed ?? null,
    differs,
  };
}

function difference(
  recorded: ShownTurn | undefined,
  replayed: ShownTurn | undefined,
  ignoreText: boolean,
): ComparedTurn['differs'] {
  if (!recorded) return 'added';
  if (!replayed) return 'missing';
  if (JSON.stringify(recorded.calls) !== JSON.stringify(replayed.calls)) return 'calls';
  return ignoreText || recorded.text.trim() === replayed.text.trim() ? null : 'text';
}

const shown = ({ text, calls }: Turn): ShownTurn => ({ text, calls: calls.map(signatureOf) });

/** Calls that ended in another way than in the log: a tool that is gone, arguments that are not accepted any more. */
export function compareOutcomes(
  calls: readonly JournaledCall[],
  bodies: readonly EventBody[],
): Report['outcomes'] {
  const before = new Map(calls.map((call) => [call.call_id, call]));
  return bodies.flatMap((body) => {
    const call = body.type === 'tool_end' ? before.get(body.call_id) : undefined;
    if (body.type !== 'tool_end' || !call) return [];
    const recorded = call.status === 'error' ? (call.error_code ?? 'error') : call.status;
    const replayed = body.status === 'error' ? (body.error_code ?? 'error') : body.status;
    return recorded === replayed ? [] : [{ call: signatureOf(call), recorded, replayed }];
  });
}

/** How the runs ended, if not in the same way. */
export function compareEndings(events: readonly StreamEvent[], outcome: AgentOutcome): Report['ending'] {
  const end = events.findLast((event) => event.type === 'end');
  const error = events.findLast((event) => event.type === 'error');
  const recorded =
    end?.status === 'error' ? `error (${error?.code ?? 'unknown'})` : (end?.status ?? 'unknown');
  const replayed = outcome.error ? `error (${outcome.error.code})` : outcome.status;
  return recorded === replayed ? null : { recorded, replayed };
}
