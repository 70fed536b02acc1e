import type { StreamEvent } from '@reprise/protocol';
import {
  callsAfter,
  COMMENT_HEARTBEAT,
  dataFrames,
  restingOn,
  type Closing,
  type Dialect,
} from '../../streams/index.js';
import {
  initialState,
  messagesOf,
  nextId,
  parentOf,
  withCall,
  withResult,
  type AgEvent,
  type AgMessage,
  type AgUiState,
  type SharedState,
} from './ag-state.js';

/** What one event becomes. */
type Step = readonly [events: readonly AgEvent[], state: AgUiState];

/** What answers an interrupt: the payload of an entry of `resume`. */
const RESPONSE_SCHEMA = {
  type: 'object',
  properties: {
    decision: { type: 'string', enum: ['approve', 'reject'] },
    reason: { type: 'string' },
    arguments: { type: 'object' },
  },
  required: ['decision'],
};

/**
 * AG-UI 1.0. Its client stops at an event that does not fit those before it, so messages are opened before they are
 * continued, and nothing follows the end of a run. It takes a clean end for a complete run, and a stream for one run.
 */
export const agUi: Dialect<AgUiState> = {
  name: 'ag-ui',
  heartbeat: COMMENT_HEARTBEAT,
  stateful: true,
  initial: initialState,
  encode(state, event) {
    const [events, next] = eventsOf(state, event);
    const timestamp = Date.parse(event.ts);
    return {
      frames: dataFrames(
        events.map((one) => ({ ...one, timestamp })),
        event.id,
      ),
      state: next,
    };
  },
  preamble: (state) => dataFrames(beginningOf(state, messagesOf(state))),
  epilogue,
};

/** The events of one event, and the state after it. */
export function eventsOf(state: AgUiState, event: StreamEvent): Step {
  const [events, next] = step(state, event);
  const open = callsAfter(state.open, event);
  return [events, open === next.open ? next : { ...next, open }];
}

/**
 * What a client is sent first that joins a run.
 * @param messages of the whole thread, and of the run so far; none: the client has them
 */
export function beginningOf(state: AgUiState, messages?: readonly AgMessage[]): AgEvent[] {
  if (!state.run) return [];
  return [
    { type: 'RUN_STARTED', ...state.run },
    ...(messages ? [{ type: 'MESSAGES_SNAPSHOT', messages }] : []),
    ...(messages && state.shared ? [{ type: 'STATE_SNAPSHOT', snapshot: state.shared }] : []),
    ...(state.text ? [{ type: 'TEXT_MESSAGE_START', messageId: state.text.id, role: 'assistant' }] : []),
  ];
}

function epilogue(closing: Closing, state: AgUiState): string | undefined {
  if (closing === 'interrupted') return undefined;
  return closing === 'paused' && state.run ? dataFrames([interrupt(state)]) : '';
}

/** A run that waits for people ends for the client, which begins the next one with the answers. */
function interrupt({ run, asked, open }: AgUiState): AgEvent {
  const resting = new Set(restingOn(open).map(({ call_id }) => call_id));
  const interrupts = asked
    .filter(({ call_id }) => resting.has(call_id))
    .map(({ call_id, name, args_summary, expires_at }) => ({
      id: call_id,
      reason: 'approval_required',
      message: `${name}(${args_summary})`,
      toolCallId: call_id,
      responseSchema: RESPONSE_SCHEMA,
      expiresAt: expires_at,
    }));
  return { type: 'RUN_FINISHED', ...run, outcome: { type: 'interrupt', interrupts } };
}

function step(state: AgUiState, event: StreamEvent): Step {
  switch (event.type) {
    case 'start':
      return start(state, event);
    case 'plan':
      return plan(state, event);
    case 'status':
      return [[custom('status', { text: event.text })], state];
    case 'rationale':
      return rationale(state, event);
    case 'content':
      return content(state, event);
    case 'tool_start':
      return toolStart(state, event);
    case 'tool_end':
      return toolEnd(state, event);
    case 'approval_required':
      return approvalRequired(state, event);
    case 'approval_resolved':
      return approvalResolved(state, event);
    case 'error':
      return [[], { ...state, failure: { message: event.error, code: event.code } }];
    case 'end':
      return end(state, event);
    default:
      return [[], state]; // version 1 grows
  }
}

const custom = (name: string, value: unknown): AgEvent => ({ type: 'CUSTOM', name, value });

function start(state: AgUiState, { chat_id: threadId, message_id: runId }: StreamEvent<'start'>): Step {
  const run = { threadId, runId };
  return [[{ type: 'RUN_STARTED', ...run }], { ...state, run }];
}

/** The first plan comes as the whole state, later ones as changes of it. */
function plan(state: AgUiState, { items, parent_call_id: parent }: StreamEvent<'plan'>): Step {
  const before = state.shared;
  const shared: SharedState =
    parent === undefined
      ? { ...before, plan: items }
      : { ...before, agents: { ...before?.agents, [parent]: { plan: items } } };
  if (parent !== undefined || before?.plan === undefined)
    return [[{ type: 'STATE_SNAPSHOT', snapshot: shared }], { ...state, shared }];
  const delta = [{ op: 'replace', path: '/plan', value: items }];
  return [[{ type: 'STATE_DELTA', delta }], { ...state, shared }];
}

function rationale(state: AgUiState, { text }: StreamEvent<'rationale'>): Step {
  const [before, next] = closed(state);
  const messageId = nextId(next);
  return [
    [
      ...before,
      { type: 'REASONING_START', messageId },
      { type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning' },
      { type: 'REASONING_MESSAGE_CONTENT', messageId, delta: text },
      { type: 'REASONING_MESSAGE_END', messageId },
      { type: 'REASONING_END', messageId },
    ],
    begun(next, [...next.messages, { id: messageId, role: 'reasoning', content: text }]),
  ];
}

function content(state: AgUiState, { md: delta }: StreamEvent<'content'>): Step {
  const { text } = state;
  const messageId = text?.id ?? nextId(state);
  const more: AgEvent = { type: 'TEXT_MESSAGE_CONTENT', messageId, delta };
  if (text) return [[more], { ...state, text: { id: messageId, content: text.content + delta } }];
  return [
    [{ type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' }, more],
    { ...state, text: { id: messageId, content: delta }, parts: state.parts + 1 },
  ];
}

/** Its arguments are complete: nothing of it stays open. */
function toolStart(state: AgUiState, event: StreamEvent<'tool_start'>): Step {
  const { call_id: toolCallId, name, args, args_summary, parent_call_id } = event;
  // A call that needed approval exists there already.
  if (state.open.calls.some(({ call_id }) => call_id === toolCallId)) return [[], state];
  const [before, next] = closed(state);
  const parent = parentOf(next);
  const delta = JSON.stringify(args ?? { summary: args_summary });
  const metadata = parent_call_id === undefined ? {} : { metadata: { parent_call_id } };
  return [
    [
      ...before,
      { type: 'TOOL_CALL_START', toolCallId, toolCallName: name, parentMessageId: parent, ...metadata },
      { type: 'TOOL_CALL_ARGS', toolCallId, delta },
      { type: 'TOOL_CALL_END', toolCallId },
    ],
    begun(next, withCall(next.messages, parent, { id: toolCallId, name, args: delta, ...metadata })),
  ];
}

function toolEnd(state: AgUiState, event: StreamEvent<'tool_end'>): Step {
  const { call_id: toolCallId, result, result_summary, status, error_code } = event;
  const [before, next] = closed(state);
  const messageId = nextId(next);
  const text = typeof result === 'string' ? result : JSON.stringify(result ?? result_summary);
  const content = result === undefined ? result_summary : text;
  const metadata = status === 'ok' ? {} : { metadata: { status, ...(error_code && { error_code }) } };
  return [
    [...before, { type: 'TOOL_CALL_RESULT', messageId, toolCallId, role: 'tool', content, ...metadata }],
    begun(next, withResult(next.messages, { id: messageId, role: 'tool', toolCallId, content, ...metadata })),
  ];
}

function approvalRequired(state: AgUiState, event: StreamEvent<'approval_required'>): Step {
  const { type: _type, ...fields } = event;
  const [events, next] = toolStart(state, { ...fields, type: 'tool_start' });
  const { call_id, name, args_summary, expires_at } = event;
  const asked = [...next.asked, { call_id, name, args_summary, expires_at }];
  return [[...events, custom('approval_required', { call_id, name, expires_at })], { ...next, asked }];
}

function approvalResolved(state: AgUiState, event: StreamEvent<'approval_resolved'>): Step {
  const { call_id, decision, reason } = event;
  const value = { call_id, decision, ...(reason !== undefined && { reason }) };
  const asked = state.asked.filter((one) => one.call_id !== call_id);
  return [[custom('approval_resolved', value)], { ...state, asked }];
}

/** An error ends the run for the client, so it comes last. */
function end(state: AgUiState, event: StreamEvent<'end'>): Step {
  const { status, usage, model, sources, cost, ms_total, tool_calls } = event;
  const [before, next] = closed(state);
  const spent = [
    {
      model,
      inputTokens: usage.prompt_tokens,
      outputTokens: usage.completion_tokens,
      totalTokens: usage.total_tokens,
    },
  ];
  if (status === 'error') {
    const { message, code } = state.failure ?? { message: 'The run failed.', code: 'internal_error' };
    return [[...before, { type: 'RUN_ERROR', message, code, usage: spent }], next];
  }
  const result = { status, ms_total, tool_calls, ...(sources && { sources }), ...(cost && { cost }) };
  const outcome = { type: status === 'cancelled' ? 'cancelled' : 'success' };
  return [[...before, { type: 'RUN_FINISHED', ...state.run, result, outcome, usage: spent }], next];
}

/** Ends the open text message. */
function closed(state: AgUiState): Step {
  const { text } = state;
  if (!text) return [[], state];
  return [
    [{ type: 'TEXT_MESSAGE_END', messageId: text.id }],
    { ...state, text: undefined, messages: messagesOf(state) },
  ];
}

const begun = (state: AgUiState, messages: readonly AgMessage[]): AgUiState => ({
  ...state,
  messages,
  parts: state.parts + 1,
});
