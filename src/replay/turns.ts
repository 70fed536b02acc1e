import { callsOf, eventsOf, rebuildTranscript, type JournaledCall } from '../agent/index.js';
import { parseJson } from '../common/index.js';
import type { Recording } from './recording.js';

/** What a model said in one turn. */
export interface Turn {
  /** The call that has started the agent; missing for the run's own. */
  parent: string | undefined;
  text: string;
  calls: { id: string; name: string; arguments: string }[];
}

/** The turns of each agent of a recorded run, by the call that started it. */
export function turnsOf({ events, calls }: Recording): ReadonlyMap<string | undefined, Turn[]> {
  const parents = new Set<string | undefined>([
    undefined,
    ...calls.map(({ parent_call_id }) => parent_call_id),
  ]);
  for (const event of events) if (event.type === 'child_content') parents.add(event.parent_call_id);
  return new Map([...parents].map((parent) => [parent, turnsOfAgent(events, calls, parent)]));
}

function turnsOfAgent(
  events: Recording['events'],
  calls: readonly JournaledCall[],
  parent: string | undefined,
): Turn[] {
  const { turns, partial } = rebuildTranscript(eventsOf(events, parent), callsOf(calls, parent));
  const called = turns.map((turn) => ({
    parent,
    text: turn.text,
    calls: turn.calls.map(({ call: { id, name }, record }) => ({
      id,
      name,
      arguments: record?.arguments ?? '{}',
    })),
  }));
  return partial === '' ? called : [...called, { parent, text: partial, calls: [] }];
}

/** A call as it is compared: the order of the fields in its arguments means nothing. */
export function signatureOf({ name, arguments: text }: { name: string; arguments: string }): string {
  const value = parseJson(text);
  return `${name}(${value === undefined ? text : JSON.stringify(sorted(value))})`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
