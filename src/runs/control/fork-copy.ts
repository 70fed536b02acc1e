import { mintEventId, mintNonce, parseEventId, type StreamEvent } from '@reprise/protocol';
import type { JournaledCall } from '../../agent/index.js';

/** What a fork changes in what it takes over. */
export interface ForkChange {
  message_id: string;
  /** The agent that goes on. */
  agent: { name: string; version: string };
  /** The result that a finished call gets instead of its own. */
  tool_result?: { call_id: string; result: string; summary: string } | undefined;
  /** When approvals that are still open expire. */
  approvals_until: Date;
}

/** The beginning of a run, as it belongs to its fork. */
export interface ForkCopy {
  events: StreamEvent[];
  calls: JournaledCall[];
}

/** The events of a run up to a place in its log, as those of another message: the same places and times, new ids. */
export function copyEvents(events: readonly StreamEvent[], change: ForkChange): StreamEvent[] {
  const nonce = mintNonce();
  const decided = new Set(
    events.flatMap((event) => (event.type === 'approval_resolved' ? [event.call_id] : [])),
  );
  return events.map((event) => {
    const { ms = 0, seq = 0 } = parseEventId(event.id) ?? {};
    const own = { id: mintEventId({ ms, seq, nonce }), message_id: change.message_id };
    return { ...changed(event, change, decided), ...own };
  });
}

function changed(event: StreamEvent, change: ForkChange, decided: ReadonlySet<string>): StreamEvent {
  if (event.type === 'start')
    return { ...event, agent: change.agent.name, agent_version: change.agent.version, attempt: 1 };
  if (event.type === 'approval_required' && !decided.has(event.call_id))
    return { ...event, expires_at: change.approvals_until.toISOString() };
  const { tool_result } = change;
  if (event.type !== 'tool_end' || event.call_id !== tool_result?.call_id) return event;
  const { error_code: _code, ...rest } = event;
  return { ...rest, status: 'ok', result: tool_result.result, result_summary: tool_result.summary };
}

/**
 * The calls that the beginning of a log knows, and those that were asked for together with them. A call that had
 * started keeps how it ended, even if that came later: nothing is run again.
 */
export function copyCalls(
  events: readonly StreamEvent[],
  calls: readonly JournaledCall[],
  change: ForkChange,
): JournaledCall[] {
  const named = (...types: string[]) =>
    new Set(
      events.flatMap((event) => (types.includes(event.type) && 'call_id' in event ? [event.call_id] : [])),
    );
  const known = named('tool_start', 'approval_required');
  const [started, decided] = [named('tool_start'), named('approval_resolved')];
  const turns = new Set(calls.filter(({ call_id }) => known.has(call_id)).map(turnOf));
  return calls
    .filter((call) => turns.has(turnOf(call)))
    .map((call) => {
      const own = { ...call, message_id: change.message_id };
      if (call.call_id === change.tool_result?.call_id) return withResult(own, change.tool_result);
      return started.has(call.call_id)
        ? own
        : notStarted(own, decided.has(call.call_id), change.approvals_until);
    });
}

const turnOf = ({ parent_call_id = '', step, started_at }: JournaledCall): string =>
  `${parent_call_id}/${step}/${started_at.getTime()}`;

function withResult(
  call: JournaledCall,
  { result, summary }: NonNullable<ForkChange['tool_result']>,
): JournaledCall {
  const { error_code: _code, ...rest } = call;
  return { ...rest, status: 'ok', result, result_summary: summary };
}

function notStarted(call: JournaledCall, isDecided: boolean, approvals_until: Date): JournaledCall {
  const { error_code: _code, result_summary: _summary, sources: _sources, approval, ...rest } = call;
  const open = { ...rest, status: 'running' as const, result: null, ms: null, ended_at: null };
  if (!approval) return open;
  return { ...open, approval: isDecided ? approval : { state: 'pending', expires_at: approvals_until } };
}
