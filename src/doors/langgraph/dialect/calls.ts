import type { StreamEvent } from '@reprise/protocol';
import { toolCallOf, type ToolCall } from './messages.js';

/** A call that has not ended. */
export interface OpenCall {
  readonly call: ToolCall;
  /** The call whose agent has made it. */
  readonly parent: string | undefined;
  /** `asked`: a person has to decide; `decided`: one has; `running`. */
  readonly state: 'asked' | 'decided' | 'running';
  /** Until when a person can decide. */
  readonly expires_at?: string;
}

/** The open calls after an event. */
export function callsAfter(calls: readonly OpenCall[], event: StreamEvent): readonly OpenCall[] {
  switch (event.type) {
    case 'tool_start':
      return [...without(calls, event.call_id), openCall(event, 'running')];
    case 'approval_required':
      return [
        ...without(calls, event.call_id),
        { ...openCall(event, 'asked'), expires_at: event.expires_at },
      ];
    case 'approval_resolved':
      return calls.map((one) => (one.call.id === event.call_id ? { ...one, state: 'decided' } : one));
    case 'tool_end':
      return without(calls, event.call_id);
    case 'end':
      return [];
    default:
      return calls;
  }
}

/** The calls that people have to decide if nothing else is left to do: only agents run that wait for one of them. */
export function callsToDecide(calls: readonly OpenCall[]): readonly OpenCall[] {
  const asked = calls.filter(({ state }) => state === 'asked');
  const waiting = new Set(asked.flatMap((one) => callsAbove(one, calls)));
  return calls.every(({ state, call }) => state === 'asked' || waiting.has(call.id)) ? asked : [];
}

/** The calls as if people had decided some of them. */
export function decided(calls: readonly OpenCall[], ids: readonly string[]): readonly OpenCall[] {
  return calls.map((one) => (ids.includes(one.call.id) ? { ...one, state: 'decided' } : one));
}

function openCall(
  event: StreamEvent<'tool_start'> | StreamEvent<'approval_required'>,
  state: OpenCall['state'],
): OpenCall {
  return { call: toolCallOf(event), parent: event.parent_call_id, state };
}

const without = (calls: readonly OpenCall[], id: string): OpenCall[] =>
  calls.filter(({ call }) => call.id !== id);

/** The calls whose agents wait for a call. */
function callsAbove({ parent }: OpenCall, calls: readonly OpenCall[]): string[] {
  const ids: string[] = [];
  for (let id = parent; id !== undefined && !ids.includes(id);) {
    ids.push(id);
    id = calls.find(({ call }) => call.id === id)?.parent;
  }
  return ids;
}
