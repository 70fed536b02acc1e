import type { StreamEvent } from '@reprise/protocol';
import {
  callsAfter,
  COMMENT_HEARTBEAT,
  dataFrames,
  type Closing,
  type Dialect,
} from '../../streams/index.js';
import { closed, initialState, newStep, opened, partsOfOpen, type AiSdkState, type Part } from './parts.js';

type Source = NonNullable<StreamEvent<'end'>['sources']>[number];

/** What one event becomes. */
type Step = readonly [parts: readonly Part[], state: AiSdkState];

const DONE = 'data: [DONE]\n\n';

/**
 * The AI SDK's UI message stream (`ai` 7). Its reader stops at the first part it does not expect, so text and tool
 * parts are opened before they are continued, even for a client that resumes in the middle of one.
 */
export const aiSdk: Dialect<AiSdkState> = {
  name: 'ai-sdk',
  headers: { 'x-vercel-ai-ui-message-stream': 'v1' },
  heartbeat: COMMENT_HEARTBEAT,
  stateful: true,
  initial: initialState,
  encode(state, event) {
    const [parts, next] = partsOf(state, event);
    return { frames: dataFrames(parts, event.id), state: next };
  },
  preamble: (state) => dataFrames(partsOfOpen(state)),
  epilogue,
};

/** The parts of one event, and the state after it. */
export function partsOf(state: AiSdkState, event: StreamEvent): Step {
  const [parts, next] = step(state, event);
  const open = callsAfter(state.open, event);
  return [parts, open === next.open ? next : { ...next, open }];
}

/**
 * The client takes a clean end for a complete answer, and reconnects by itself only after a dropped connection. At a
 * pause it gets one, since it keeps a person's answer to itself while the stream is open.
 */
function epilogue(closing: Closing): string | undefined {
  if (closing === 'interrupted') return undefined;
  if (closing === 'ended') return DONE;
  return dataFrames([{ type: 'finish-step' }, { type: 'finish', finishReason: 'tool-calls' }]) + DONE;
}

function step(state: AiSdkState, event: StreamEvent): Step {
  switch (event.type) {
    case 'start':
      return start(state, event);
    case 'plan':
      return [[planPart(event)], state];
    case 'status':
      return [[{ type: 'data-status', id: 'status', data: { text: event.text } }], state];
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
      return error(state, event);
    case 'end':
      return end(state, event);
    default:
      return [[], state]; // version 1 grows
  }
}

function start(state: AiSdkState, { message_id, chat_id, agent }: StreamEvent<'start'>): Step {
  const messageMetadata = { agent, chat_id };
  return [
    [{ type: 'start', messageId: message_id, messageMetadata }, { type: 'start-step' }],
    { ...state, messageId: message_id },
  ];
}

/** Each agent has a plan of its own. */
function planPart({ items, parent_call_id: parent }: StreamEvent<'plan'>): Part {
  if (parent === undefined) return { type: 'data-plan', id: 'plan', data: { items } };
  return { type: 'data-plan', id: `plan-${parent}`, data: { items, parent_call_id: parent } };
}

function rationale(state: AiSdkState, { text }: StreamEvent<'rationale'>): Step {
  const [before, next] = newStep(state);
  const id = `reasoning-${next.parts}`;
  return [
    [
      ...before,
      ...closed(next),
      { type: 'reasoning-start', id },
      { type: 'reasoning-delta', id, delta: text },
      { type: 'reasoning-end', id },
    ],
    { ...next, text: undefined, parts: next.parts + 1 },
  ];
}

function content(state: AiSdkState, { md }: StreamEvent<'content'>): Step {
  const [before, next] = newStep(state);
  if (next.text !== undefined) return [[{ type: 'text-delta', id: next.text, delta: md }], next];
  const id = `text-${next.parts}`;
  return [
    [...before, { type: 'text-start', id }, { type: 'text-delta', id, delta: md }],
    { ...next, text: id, parts: next.parts + 1 },
  ];
}

function toolStart(state: AiSdkState, event: StreamEvent<'tool_start'>): Step {
  const { call_id, name, args, args_summary, parent_call_id } = event;
  // A call that needed approval exists there already.
  if (state.calls.some((open) => open.call_id === call_id)) return [[], state];
  const call = { call_id, name, input: args ?? args_summary, parent: parent_call_id };
  const [before, next] = newStep(state);
  return [
    [...before, ...closed(next), opened(call)],
    { ...next, text: undefined, calls: [...next.calls, call] },
  ];
}

function toolEnd(state: AiSdkState, event: StreamEvent<'tool_end'>): Step {
  const { call_id, status, result, result_summary } = event;
  // A rejected call was settled by the decision.
  if (!state.calls.some((open) => open.call_id === call_id)) return [[], state];
  const of = { toolCallId: call_id, dynamic: true, providerExecuted: true };
  const part: Part =
    status === 'ok'
      ? { type: 'tool-output-available', ...of, output: result ?? result_summary }
      : { type: 'tool-output-error', ...of, errorText: result_summary };
  return [[part], settled(state, call_id)];
}

function approvalRequired(state: AiSdkState, event: StreamEvent<'approval_required'>): Step {
  const { type: _type, ...fields } = event;
  const [parts, next] = toolStart(state, { ...fields, type: 'tool_start' });
  const { call_id } = event;
  const waiting = next.calls.map((call) => (call.call_id === call_id ? { ...call, asked: true } : call));
  return [
    [...parts, { type: 'tool-approval-request', approvalId: call_id, toolCallId: call_id }],
    { ...next, calls: waiting },
  ];
}

function approvalResolved(state: AiSdkState, event: StreamEvent<'approval_resolved'>): Step {
  const { call_id, decision, reason } = event;
  if (!state.calls.some((open) => open.call_id === call_id)) return [[], state];
  const approved = decision === 'approve';
  const response = { approvalId: call_id, approved, ...(reason !== undefined && { reason }) };
  const parts: Part[] = [{ type: 'tool-approval-response', ...response }];
  if (!approved)
    return [[...parts, { type: 'tool-output-denied', toolCallId: call_id }], settled(state, call_id)];
  const calls = state.calls.map((call) => (call.call_id === call_id ? { ...call, asked: false } : call));
  return [parts, { ...state, calls }];
}

function error(state: AiSdkState, { error: errorText, code, retryable }: StreamEvent<'error'>): Step {
  // The client stops reading at the error: what is to be known of it comes before.
  const messageMetadata = { status: 'error', error: { code, retryable } };
  return [
    [...closed(state), { type: 'message-metadata', messageMetadata }, { type: 'error', errorText }],
    { ...state, text: undefined },
  ];
}

function end(state: AiSdkState, event: StreamEvent<'end'>): Step {
  const { status, usage, model, ms_total, tool_calls, cost } = event;
  const finishReason = { completed: 'stop', error: 'error', cancelled: 'other' }[status];
  const messageMetadata = { status, usage, model, ms_total, tool_calls, ...(cost && { cost }) };
  const parts: Part[] = [...closed(state), ...(event.sources ?? []).map(sourcePart), { type: 'finish-step' }];
  if (status === 'cancelled') parts.push({ type: 'abort', reason: 'cancelled' });
  return [[...parts, { type: 'finish', finishReason, messageMetadata }], { ...state, text: undefined }];
}

function sourcePart({ title, url, document_id }: Source): Part {
  const sourceId = document_id ?? url ?? title;
  if (url !== undefined) return { type: 'source-url', sourceId, url, title };
  return { type: 'source-document', sourceId, mediaType: 'text/markdown', title };
}

const settled = (state: AiSdkState, callId: string): AiSdkState => ({
  ...state,
  calls: state.calls.filter((call) => call.call_id !== callId),
  settledCalls: true,
});
