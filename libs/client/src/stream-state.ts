import type { EventFields, StreamEvent } from '@reprise/protocol';

/** The status of a run; `pending` until its first event. The server says `waiting` while only people can continue it. */
export type RunStatus = 'pending' | 'processing' | 'waiting' | 'completed' | 'error' | 'cancelled';

/** One line of the agent's plan. */
export type PlanItem = EventFields<'plan'>['items'][number];

/** Tokens that the model provider billed. */
export type Usage = EventFields<'end'>['usage'];

/** What an answer may be based on. */
export type Source = NonNullable<EventFields<'end'>['sources']>[number];

/** One tool call as the log describes it so far. */
export interface ToolCall {
  readonly callId: string;
  readonly name: string;
  readonly argsSummary: string;
  readonly parentCallId: string | null;
  /** What the agent that this call has started wrote so far, Markdown; empty for other calls. */
  readonly childContent: string;
  /** `stopped`: the run ended before the tool did. */
  readonly status: 'running' | 'ok' | 'error' | 'stopped';
  /** Epoch ms, from the events. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** How long the tool ran, ms, as the server measured it. */
  readonly ms: number | null;
  readonly resultSummary: string | null;
  /** Why the call failed, for programs; `null` when it did not, or when the log does not say. */
  readonly errorCode: string | null;
}

/** A decision the run is or was waiting for. */
export interface Approval {
  readonly callId: string;
  readonly name: string;
  readonly argsSummary: string;
  /** The whole arguments, as changed by whoever decided; missing if they are too large for an event. */
  readonly args?: unknown;
  /** ISO-8601, UTC. */
  readonly expiresAt: string;
  readonly decision: 'approve' | 'reject' | null;
  /** It was rejected because nobody decided in time. */
  readonly expired?: boolean;
  readonly reason: string | null;
}

/** What a page shows from top to bottom, in the order in which it happened. */
export type Part =
  | { readonly kind: 'text'; readonly md: string }
  | { readonly kind: 'thinking'; readonly text: string }
  | { readonly kind: 'status'; readonly text: string }
  | { readonly kind: 'tool'; readonly callId: string }
  | { readonly kind: 'approval'; readonly callId: string };

/**
 * Everything a log says up to one event. A value: {@link reduce} returns a new one and leaves the old one unchanged.
 */
export interface StreamState {
  readonly messageId: string | null;
  readonly chatId: string | null;
  readonly status: RunStatus;
  readonly agent: string | null;
  /** Attempts started; more than 1 after a worker was lost. 0 before the first. */
  readonly attempt: number;
  readonly plan: readonly PlanItem[];
  readonly parts: readonly Part[];
  /** In the order in which they started. */
  readonly toolCalls: readonly ToolCall[];
  readonly approvals: readonly Approval[];
  /** The newest thought. */
  readonly rationale: string;
  /** The newest status text. */
  readonly statusText: string;
  /** The whole answer so far, Markdown. */
  readonly content: string;
  readonly error: { readonly text: string; readonly code: string; readonly retryable: boolean } | null;
  readonly usage: Usage | null;
  readonly model: string | null;
  /** What the answer may be based on; `null` until the run has ended, or when the log names none. */
  readonly sources: readonly Source[] | null;
  /** Epoch ms of the first event. */
  readonly startedAt: number | null;
  /** How long the run took, ms. */
  readonly msTotal: number | null;
  /** Where to resume: the id of the newest event in this state. */
  readonly lastEventId: string | null;
  /** Its `seq`; -1 before the first event. */
  readonly seq: number;
}

/** The state before the first event. */
export const initialState: StreamState = {
  messageId: null,
  chatId: null,
  status: 'pending',
  agent: null,
  attempt: 0,
  plan: [],
  parts: [],
  toolCalls: [],
  approvals: [],
  rationale: '',
  statusText: '',
  content: '',
  error: null,
  usage: null,
  model: null,
  sources: null,
  startedAt: null,
  msTotal: null,
  lastEventId: null,
  seq: -1,
};

/** Whether the run is over, so that no event follows. */
export function hasEnded({ status }: StreamState): boolean {
  return status === 'completed' || status === 'error' || status === 'cancelled';
}

/**
 * The state after `event`. An event that the state already includes changes nothing; one of an unknown type (version 1
 * grows) only moves the resume point.
 */
export function reduce(state: StreamState, event: StreamEvent): StreamState {
  const seq = seqOf(event.id);
  if (!(seq > state.seq)) return state;
  return {
    ...state,
    ...changes(state, event),
    messageId: event.message_id,
    chatId: event.chat_id,
    startedAt: state.startedAt ?? Date.parse(event.ts),
    lastEventId: event.id,
    seq,
  };
}

/** The event id's position in its log; NaN if the text is not an event id. */
export function seqOf(eventId: string): number {
  return Number(/^\d+_(\d+)_/.exec(eventId)?.[1]);
}

function changes(state: StreamState, event: StreamEvent): Partial<StreamState> {
  if (isOfChild(event)) return {}; // what it thinks and plans is not what the run's own agent does
  switch (event.type) {
    case 'start':
      return { status: 'processing', agent: event.agent, attempt: event.attempt };
    case 'plan':
      return { plan: event.items };
    case 'rationale':
      return { rationale: event.text, parts: think(state.parts, event.text) };
    case 'status':
      return statusChanges(state, event);
    case 'content':
      return { content: state.content + event.md, parts: write(state.parts, event.md) };
    case 'child_content':
      return childChanges(state, event);
    case 'tool_start':
    case 'tool_end':
      return toolChanges(state, event);
    case 'approval_required':
    case 'approval_resolved':
      return approvalChanges(state, event);
    case 'error':
      return { error: { text: event.error, code: event.code, retryable: event.retryable } };
    case 'end':
      return endChanges(state, event);
    default:
      return {}; // from a newer server
  }
}

function isOfChild(event: StreamEvent): boolean {
  const { type } = event;
  return (type === 'plan' || type === 'rationale' || type === 'status') && event.parent_call_id !== undefined;
}

function childChanges(
  state: StreamState,
  { parent_call_id, md }: StreamEvent<'child_content'>,
): Partial<StreamState> {
  const call = state.toolCalls.find(({ callId }) => callId === parent_call_id);
  if (!call) return {}; // read from after its start: nothing to show
  return { toolCalls: put(state.toolCalls, { ...call, childContent: call.childContent + md }) };
}

function statusChanges(state: StreamState, { text, attempt }: StreamEvent<'status'>): Partial<StreamState> {
  const parts: readonly Part[] = [...state.parts, { kind: 'status', text }];
  return { statusText: text, parts, ...(attempt !== undefined && { attempt }) };
}

function toolChanges(
  state: StreamState,
  event: StreamEvent<'tool_start' | 'tool_end'>,
): Partial<StreamState> {
  const { call_id: callId, name } = event;
  const ts = Date.parse(event.ts);
  const known = state.toolCalls.find((call) => call.callId === callId);
  const parts = known ? state.parts : [...state.parts, { kind: 'tool', callId } as const];
  if (event.type === 'tool_start') {
    const { args_summary: argsSummary, parent_call_id: parentCallId = null } = event;
    const call = { callId, name, argsSummary, parentCallId, childContent: '', startedAt: ts, ...RUNNING };
    return { parts, toolCalls: put(state.toolCalls, call) };
  }
  if (!known && isRejected(state, callId)) return {}; // it never started
  const { status, ms, result_summary: resultSummary, error_code: errorCode = null } = event;
  const begun = known ?? {
    callId,
    name,
    argsSummary: '',
    parentCallId: null,
    childContent: '',
    startedAt: ts - ms,
  };
  const ended = { ...begun, status, endedAt: ts, ms, resultSummary, errorCode };
  return { parts, toolCalls: put(state.toolCalls, ended) };
}

const RUNNING = { status: 'running', endedAt: null, ms: null, resultSummary: null, errorCode: null } as const;

function isRejected({ approvals }: StreamState, id: string): boolean {
  return approvals.some(({ callId, decision }) => callId === id && decision === 'reject');
}

function approvalChanges(
  state: StreamState,
  event: StreamEvent<'approval_required' | 'approval_resolved'>,
): Partial<StreamState> {
  const { call_id: callId } = event;
  const known = state.approvals.find((approval) => approval.callId === callId);
  if (event.type === 'approval_resolved') {
    if (!known) return {}; // read from after its request: nothing to show
    const { decision, reason = null, expired = false, args = known.args } = event;
    const resolved = { ...known, decision, reason, expired, args };
    return { approvals: put(state.approvals, resolved) };
  }
  const { name, args_summary: argsSummary, args, expires_at: expiresAt } = event;
  return {
    parts: known ? state.parts : [...state.parts, { kind: 'approval', callId }],
    approvals: put(state.approvals, {
      callId,
      name,
      argsSummary,
      args,
      expiresAt,
      decision: null,
      reason: null,
    }),
  };
}

function endChanges(state: StreamState, event: StreamEvent<'end'>): Partial<StreamState> {
  const endedAt = Date.parse(event.ts);
  const isRunning = (call: ToolCall): boolean => call.status === 'running';
  return {
    status: event.status,
    usage: event.usage,
    model: event.model,
    sources: event.sources ?? null,
    msTotal: event.ms_total,
    toolCalls: state.toolCalls.some(isRunning)
      ? state.toolCalls.map((call) => (isRunning(call) ? { ...call, status: 'stopped', endedAt } : call))
      : state.toolCalls,
  };
}

/** Replaces the item of the same call, or appends it. */
function put<T extends { readonly callId: string }>(items: readonly T[], item: T): readonly T[] {
  const index = items.findIndex(({ callId }) => callId === item.callId);
  return index < 0 ? [...items, item] : items.with(index, item);
}

function write(parts: readonly Part[], md: string): readonly Part[] {
  const last = parts.at(-1);
  if (last?.kind !== 'text') return [...parts, { kind: 'text', md }];
  return parts.with(-1, { kind: 'text', md: last.md + md });
}

/** The server sends thoughts by the paragraph; consecutive ones are joined again. */
function think(parts: readonly Part[], text: string): readonly Part[] {
  const last = parts.at(-1);
  if (last?.kind !== 'thinking') return [...parts, { kind: 'thinking', text }];
  return parts.with(-1, { kind: 'thinking', text: `${last.text}\n\n${text}` });
}
