import type { StreamEvent } from '@reprise/protocol';
import type { Draft } from './draft.js';
import { approvalRequestId } from './response-object.js';
import type { CallItem } from './wire.js';

/** Whose tools they are: no server that a client could ask. */
const SERVER_LABEL = 'reprise';

type Called = Pick<StreamEvent<'tool_start'>, 'call_id' | 'name'>;

export function callStarted(draft: Draft, event: StreamEvent<'tool_start'>): void {
  const { call_id } = event;
  if (draft.state.running.some((one) => one.call_id === call_id)) return; // announced twice, after a takeover
  draft.close();
  beginCall(draft, event, argumentsOf(event));
}

export function callEnded(draft: Draft, event: StreamEvent<'tool_end'>): void {
  // A call that nobody approved never started.
  if (!draft.state.running.some(({ call_id }) => call_id === event.call_id)) {
    draft.close();
    beginCall(draft, event, '{}');
  }
  const call = draft.take('running', event.call_id);
  const item = call && draft.state.items[call.index];
  if (!call || item?.type !== 'mcp_call') return;
  const isOk = event.status === 'ok';
  const at = { item_id: item.id, output_index: call.index };
  draft.emit({ type: isOk ? 'response.mcp_call.completed' : 'response.mcp_call.failed', ...at });
  draft.finish(call.index, { ...item, ...outcomeOf(event) });
}

export function approvalRequired(draft: Draft, event: StreamEvent<'approval_required'>): void {
  const { call_id, name, message_id } = event;
  if (draft.state.asked.some((one) => one.call_id === call_id)) return;
  draft.close();
  const item = {
    id: approvalRequestId(message_id, call_id),
    type: 'mcp_approval_request' as const,
    name,
    arguments: argumentsOf(event),
    server_label: SERVER_LABEL,
  };
  const index = draft.add(item);
  draft.finish(index, item);
  draft.set({ asked: [...draft.state.asked, { call_id, index }] });
}

/** The question is not a part of the output any more: who looks for open questions finds only those. */
export function approvalResolved(draft: Draft, { call_id }: StreamEvent<'approval_resolved'>): void {
  const asked = draft.take('asked', call_id);
  if (asked) draft.set({ decided: new Set([...draft.state.decided, asked.index]) });
}

/** The run ends: what runs by now has no outcome. */
export function abandonCalls(draft: Draft): void {
  for (const { call_id, index } of draft.state.running) {
    draft.take('running', call_id);
    const item = draft.state.items[index];
    if (item?.type === 'mcp_call') draft.finish(index, { ...item, status: 'incomplete' });
  }
}

function beginCall(draft: Draft, event: Called & { message_id: string }, text: string): void {
  const { call_id, name, message_id } = event;
  const isAsked = draft.state.items.some((one) => one.id === approvalRequestId(message_id, call_id));
  const item: CallItem = {
    id: draft.newId('mcp'),
    type: 'mcp_call',
    name,
    arguments: text,
    server_label: SERVER_LABEL,
    status: 'in_progress',
    approval_request_id: isAsked ? approvalRequestId(message_id, call_id) : null,
    output: null,
    error: null,
  };
  const index = draft.add({ ...item, arguments: '' });
  const at = { item_id: item.id, output_index: index };
  draft.replace(index, item);
  draft.set({ running: [...draft.state.running, { call_id, index }] });
  draft.emit({ type: 'response.mcp_call.in_progress', ...at });
  draft.emit({ type: 'response.mcp_call_arguments.delta', ...at, delta: text });
  draft.emit({ type: 'response.mcp_call_arguments.done', ...at, arguments: text });
}

function outcomeOf(event: StreamEvent<'tool_end'>): Partial<CallItem> {
  const { status, result, result_summary } = event;
  const text = typeof result === 'string' ? result : result === undefined ? result_summary : json(result);
  if (status === 'ok') return { status: 'completed', output: text };
  const content = [{ type: 'text', text: result_summary }];
  return { status: 'failed', error: { type: 'mcp_tool_execution_error', content } };
}

/** JSON, always: clients parse it. Arguments that are too large for an event are there as they are summarised. */
function argumentsOf({
  args,
  args_summary,
}: Pick<StreamEvent<'tool_start'>, 'args' | 'args_summary'>): string {
  return json(args === undefined ? { args_summary } : args);
}

const json = (value: unknown): string => JSON.stringify(value);
