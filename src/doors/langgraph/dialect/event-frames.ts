import type { StreamEvent } from '@reprise/protocol';
import { chunkOf, type MessageChunk } from './chunks.js';
import { END, type NamedFrame } from './frames.js';
import { langChainEvents } from './langchain-events.js';
import type { AiMessage } from './messages.js';
import { valuesOf, type LangGraphState, type RunContext, type Step } from './state.js';
import { isSettled } from './transcript.js';

/** The frames of an event, and what the client has been told with them. */
export type Told = Pick<LangGraphState, 'told' | 'shown'> & { readonly frames: readonly NamedFrame[] };

/** A partial message is sent when it has grown by a sixteenth: all of them together are at most seventeen times the whole. */
const GROWTH = 16;

/** What a client is sent for an event, in the modes that it has asked for. */
export function framesOf(context: RunContext, step: Step): Told {
  const { modes } = context;
  const { before, event, after } = step;
  const chunk = chunkOf(before.transcript, event, after.transcript);
  const frames: NamedFrame[] = [];
  if (event.type === 'start') frames.push(metadataFrame(event));
  if (chunk && modes.has('messages-tuple')) frames.push(tupleFrame(context, step, chunk));
  const partial = modes.has('messages') ? partialFrames(step, chunk) : { frames: [], shown: 0 };
  frames.push(...partial.frames);
  if (modes.has('events')) frames.push(...langChainEvents(step, chunk));
  if (modes.has('tools')) frames.push(...toolFrames(event));
  const updates = updatesOf(step);
  if (modes.has('updates')) frames.push(...updates.frames);
  if (modes.has('custom')) frames.push(...customFrames(event));
  if (modes.has('values') && changesValues(step)) frames.push(valuesFrame(context, after));
  if (event.type === 'error') frames.push(errorFrame(event));
  if (event.type === 'end') frames.push(END);
  return { frames, told: updates.told, shown: partial.shown };
}

function metadataFrame({ message_id, agent, attempt }: StreamEvent<'start'>): NamedFrame {
  return { event: 'metadata', data: { run_id: message_id, attempt, assistant_id: agent } };
}

function tupleFrame(context: RunContext, { event, after }: Step, chunk: MessageChunk): NamedFrame {
  const { message_id, chat_id } = event;
  const metadata = {
    run_id: message_id,
    thread_id: context.threadId ?? chat_id,
    ...(after.transcript.agent !== undefined && { assistant_id: after.transcript.agent }),
    langgraph_node: event.type === 'tool_end' ? 'tools' : 'agent',
    langgraph_step: after.transcript.turns,
    tags: [],
  };
  return { event: 'messages', data: [chunk, metadata] };
}

/** The mode `messages` sends the message so far again and again; not each time, because that would be quadratic. */
function partialFrames(
  { before, event, after }: Step,
  chunk: MessageChunk | undefined,
): { frames: NamedFrame[]; shown: number } {
  const ai = after.transcript.turn?.ai;
  const earlier = before.transcript.turn?.ai;
  const frames: NamedFrame[] = [];
  const isNew = ai !== undefined && ai.id !== earlier?.id;
  if (earlier && ai?.id !== earlier.id) frames.push({ event: 'messages/complete', data: [earlier] });
  if (isNew)
    frames.push({
      event: 'messages/metadata',
      data: { [ai.id]: { metadata: { run_id: event.message_id } } },
    });
  if (event.type === 'tool_end' && chunk) frames.push({ event: 'messages/complete', data: [chunk] });
  const shown = isNew ? 0 : before.shown;
  if (!ai || ai === earlier) return { frames, shown };
  const size = ai.content.length + (ai.additional_kwargs.reasoning_content?.length ?? 0);
  const isSmall = size < shown + shown / GROWTH && ai.tool_calls === earlier?.tool_calls;
  if (isSmall && !isNew) return { frames, shown };
  return { frames: [...frames, { event: 'messages/partial', data: [ai] }], shown: size };
}

/** The graph has two nodes for its clients: `agent` says something, `tools` runs calls. */
function updatesOf({ before, event, after }: Step): { frames: NamedFrame[]; told: AiMessage | undefined } {
  if (event.type === 'plan' && event.parent_call_id === undefined)
    return { frames: [{ event: 'updates', data: { agent: { plan: event.items } } }], told: before.told };
  const speaks = before.transcript.turn?.ai;
  const isTold = !speaks || speaks === before.told;
  const ends =
    event.type === 'tool_end' || event.type === 'end' || after.transcript.turn?.ai.id !== speaks?.id;
  const frames: NamedFrame[] = [];
  if (!isTold && ends) frames.push({ event: 'updates', data: { agent: { messages: [speaks] } } });
  if (event.type === 'tool_end' && event.parent_call_id === undefined) {
    const result = after.transcript.turn?.tools.at(-1);
    if (result) frames.push({ event: 'updates', data: { tools: { messages: [result] } } });
  }
  return { frames, told: !isTold && ends ? speaks : before.told };
}

/** Everything that is not part of a message: the plan, what is happening, decisions, what started agents do. */
function customFrames(event: StreamEvent): NamedFrame[] {
  const { v: _v, id: _id, message_id: _message, chat_id: _chat, ...data } = event;
  const isPartOfMessage = ['start', 'content', 'rationale', 'tool_start', 'tool_end', 'error', 'end'];
  const isChild = 'parent_call_id' in event && event.parent_call_id !== undefined;
  return isChild || !isPartOfMessage.includes(event.type) ? [{ event: 'custom', data }] : [];
}

/** What `useStream` shows as the progress of tools. */
function toolFrames(event: StreamEvent): NamedFrame[] {
  if (event.type === 'tool_start') {
    const { call_id: toolCallId, name, args, args_summary } = event;
    return [
      { event: 'tools', data: { event: 'on_tool_start', toolCallId, name, input: args ?? args_summary } },
    ];
  }
  if (event.type !== 'tool_end') return [];
  const { call_id: toolCallId, name, status, result, result_summary } = event;
  const output = result ?? result_summary;
  const data =
    status === 'ok'
      ? { event: 'on_tool_end', toolCallId, name, output }
      : { event: 'on_tool_error', toolCallId, name, error: result_summary };
  return [{ event: 'tools', data }];
}

/** A step is complete: the run has begun, all calls of a turn have ended, or the run has. */
function changesValues({ event, after: { transcript } }: Step): boolean {
  if (event.type === 'start') return true;
  if (event.type === 'end') return transcript.failure === undefined;
  return event.type === 'tool_end' && event.parent_call_id === undefined && isSettled(transcript);
}

function valuesFrame(context: RunContext, { transcript }: LangGraphState): NamedFrame {
  return { event: 'values', data: valuesOf(context.before(), transcript) };
}

function errorFrame({ error, code, retryable }: StreamEvent<'error'>): NamedFrame {
  return { event: 'error', data: { error: code, message: error, retryable } };
}
