import type { StreamEvent } from '@reprise/protocol';

/** A tool call that has not ended. */
export interface OpenCall {
  readonly call_id: string;
  readonly name: string;
  /** The call whose agent has made it. */
  readonly parent: string | undefined;
  /** `asked`: somebody has to approve it; `decided`: somebody has; `started`: it runs. */
  readonly state: 'asked' | 'decided' | 'started';
}

/** The tool calls of a run at a place of its log; part of the state of dialects. */
export interface OpenCalls {
  readonly calls: readonly OpenCall[];
  /** How many calls of its turn each agent is still to announce: by the call that has started it, `''` for the first. */
  readonly toCome: Readonly<Record<string, number>>;
}

/** Before the first event. */
export const NO_OPEN_CALLS: OpenCalls = { calls: [], toCome: {} };

/** The calls after an event. */
export function callsAfter(open: OpenCalls, event: StreamEvent): OpenCalls {
  switch (event.type) {
    case 'approval_required':
      return {
        calls: [...without(open, event.call_id), callOf(event, 'asked')],
        toCome: { ...open.toCome, [event.parent_call_id ?? '']: event.calls_to_come ?? 0 },
      };
    case 'approval_resolved':
      return {
        ...open,
        calls: open.calls.map((call) =>
          call.call_id === event.call_id ? { ...call, state: 'decided' } : call,
        ),
      };
    case 'tool_start':
      return started(open, event);
    case 'tool_end':
      return { ...open, calls: without(open, event.call_id) };
    case 'end':
      return NO_OPEN_CALLS;
    default:
      return open;
  }
}

/**
 * The calls that somebody has to approve, if nothing else can continue the run: every other call has ended, or is an
 * agent that itself waits for one of them. Else none.
 */
export function restingOn({ calls, toCome }: OpenCalls): readonly OpenCall[] {
  const asked = calls.filter(({ state }) => state === 'asked');
  if (asked.length === 0 || Object.values(toCome).some((count) => count > 0)) return [];
  const waiting = new Set<string | undefined>();
  for (const call of asked) for (const id of idsAbove(call, calls)) waiting.add(id);
  return calls.every(({ state, call_id }) => state === 'asked' || waiting.has(call_id)) ? asked : [];
}

function started(open: OpenCalls, event: StreamEvent<'tool_start'>): OpenCalls {
  const isAnnounced = open.calls.some(({ call_id }) => call_id === event.call_id);
  const agent = event.parent_call_id ?? '';
  const left = Math.max(0, (open.toCome[agent] ?? 0) - 1);
  return {
    calls: [...without(open, event.call_id), callOf(event, 'started')],
    toCome: isAnnounced || open.toCome[agent] === undefined ? open.toCome : { ...open.toCome, [agent]: left },
  };
}

function callOf(
  { call_id, name, parent_call_id }: Pick<StreamEvent<'tool_start'>, 'call_id' | 'name' | 'parent_call_id'>,
  state: OpenCall['state'],
): OpenCall {
  return { call_id, name, parent: parent_call_id, state };
}

const without = ({ calls }: OpenCalls, callId: string): OpenCall[] =>
  calls.filter(({ call_id }) => call_id !== callId);

/** The calls whose agents wait for a call. */
function idsAbove({ parent }: OpenCall, calls: readonly OpenCall[]): string[] {
  const ids: string[] = [];
  for (let id = parent; id !== undefined && !ids.includes(id);) {
    ids.push(id);
    id = calls.find(({ call_id }) => call_id === id)?.parent;
  }
  return ids;
}
