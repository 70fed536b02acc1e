import type { StreamEvent } from '@reprise/protocol';
import { callsAfter, type OpenCall } from './calls.js';
import {
  emptyTurn,
  toolCallOf,
  type AiMessage,
  type ThreadMessage,
  type ToolCall,
  type ToolMessage,
} from './messages.js';

/** One line of the agent's plan. */
type PlanItem = StreamEvent<'plan'>['items'][number];

/** What one run has said up to a place of its log. Immutable; states of later places share what they have in common. */
export interface Transcript {
  /** Messages of earlier turns, newest first. */
  readonly past: Past | undefined;
  readonly turn: Turn | undefined;
  /** Turns so far; numbers their ids. */
  readonly turns: number;
  readonly calls: readonly OpenCall[];
  readonly plan: readonly PlanItem[] | undefined;
  readonly agent: string | undefined;
  readonly failure: StreamEvent<'error'> | undefined;
  /** The run has ended. */
  readonly end: StreamEvent<'end'> | undefined;
}

interface Past {
  readonly message: ThreadMessage;
  readonly before: Past | undefined;
}

/** The turn that may still grow. */
interface Turn {
  readonly ai: AiMessage;
  readonly tools: readonly ToolMessage[];
}

/** Before the first event. */
export const NOTHING: Transcript = {
  past: undefined,
  turn: undefined,
  turns: 0,
  calls: [],
  plan: undefined,
  agent: undefined,
  failure: undefined,
  end: undefined,
};

/** The transcript after an event. What agents do that a call has started is no part of it, except what people must decide. */
export function transcriptAfter(before: Transcript, event: StreamEvent): Transcript {
  const next = { ...before, calls: callsAfter(before.calls, event) };
  if ('parent_call_id' in event && event.parent_call_id !== undefined) return next;
  switch (event.type) {
    case 'start':
      return { ...next, agent: event.agent };
    case 'plan':
      return { ...next, plan: event.items };
    case 'rationale':
      return changed(opened(next, event), (ai) => thinking(ai, event.text));
    case 'content':
      return changed(opened(next, event), (ai) => ({
        ...ai,
        content: ai.content + wordsAdded(ai, event.md),
      }));
    case 'tool_start':
    case 'approval_required':
      return withCall(next, event);
    case 'approval_resolved':
      return event.args === undefined ? next : withArguments(next, event);
    case 'tool_end':
      return withResult(next, event);
    case 'error':
      return { ...next, failure: event };
    case 'end':
      return ended(next, event);
    default:
      return next; // version 1 grows
  }
}

/** The messages so far, oldest first. */
export function messagesOf({ past, turn }: Transcript): ThreadMessage[] {
  const messages: ThreadMessage[] = turn ? [...turn.tools].reverse() : [];
  if (turn) messages.push(turn.ai);
  for (let at = past; at; at = at.before) messages.push(at.message);
  return messages.reverse();
}

/** The words that a `rationale` adds: each is a paragraph. */
export function thoughtAdded(before: AiMessage | undefined, text: string): string {
  return before?.additional_kwargs.reasoning_content === undefined ? text : `\n\n${text}`;
}

/** The words that a `content` adds: the blank line between the words of two turns is none between two messages. */
export function wordsAdded(before: AiMessage | undefined, md: string): string {
  return (before?.content ?? '') === '' ? md.replace(/^\n+/, '') : md;
}

/** Whether all calls of the turn have ended: what the model says next is another turn. */
export function isSettled({ turn, calls }: Transcript): boolean {
  if (!turn || turn.tools.length === 0) return false;
  return !calls.some(({ call, parent }) => parent === undefined && turn.ai.tool_calls.some(isCall(call.id)));
}

const isCall =
  (id: string) =>
  (call: ToolCall): boolean =>
    call.id === id;

/** With a turn that can take what the model says. */
function opened(transcript: Transcript, { message_id }: StreamEvent): Transcript {
  const { turn, turns, agent } = transcript;
  if (turn && !isSettled(transcript)) return transcript;
  const ai = emptyTurn(`${message_id}-${turns}`, agent);
  return { ...closed(transcript), turn: { ai, tools: [] }, turns: turns + 1 };
}

function closed(transcript: Transcript): Transcript {
  const { turn } = transcript;
  if (!turn) return transcript;
  let { past } = transcript;
  for (const message of [turn.ai, ...turn.tools]) past = { message, before: past };
  return { ...transcript, past, turn: undefined };
}

function changed(transcript: Transcript, change: (ai: AiMessage) => AiMessage): Transcript {
  const { turn } = transcript;
  return turn ? { ...transcript, turn: { ...turn, ai: change(turn.ai) } } : transcript;
}

function thinking(ai: AiMessage, text: string): AiMessage {
  const { reasoning_content = '' } = ai.additional_kwargs;
  return {
    ...ai,
    additional_kwargs: { reasoning_content: reasoning_content + thoughtAdded(ai, text) },
  };
}

function withCall(
  transcript: Transcript,
  event: StreamEvent<'tool_start'> | StreamEvent<'approval_required'>,
): Transcript {
  // A call that needed approval is there already.
  if (transcript.turn?.ai.tool_calls.some(isCall(event.call_id))) return transcript;
  return changed(opened(transcript, event), (ai) => ({
    ...ai,
    tool_calls: [...ai.tool_calls, toolCallOf(event)],
  }));
}

function withArguments(
  transcript: Transcript,
  { call_id, args }: StreamEvent<'approval_resolved'>,
): Transcript {
  return changed(transcript, (ai) => ({
    ...ai,
    tool_calls: ai.tool_calls.map((call) =>
      call.id === call_id ? toolCallOf({ call_id, name: call.name, args, args_summary: '' }) : call,
    ),
  }));
}

function withResult(transcript: Transcript, event: StreamEvent<'tool_end'>): Transcript {
  const { turn } = transcript;
  if (!turn) return transcript;
  return { ...transcript, turn: { ...turn, tools: [...turn.tools, toolMessageOf(event)] } };
}

/** What became of a call. */
export function toolMessageOf({
  message_id,
  call_id,
  name,
  status,
  result,
  result_summary,
}: StreamEvent<'tool_end'>): ToolMessage {
  return {
    type: 'tool',
    id: `${message_id}-${call_id}`,
    name,
    tool_call_id: call_id,
    content: textOf(result) ?? result_summary,
    status: status === 'ok' ? 'success' : 'error',
    additional_kwargs: {},
    response_metadata: {},
  };
}

function textOf(result: unknown): string | undefined {
  return result === undefined || typeof result === 'string' ? result : JSON.stringify(result);
}

function ended(transcript: Transcript, event: StreamEvent<'end'>): Transcript {
  const { usage, model, status, sources, cost } = event;
  const response_metadata = {
    model_name: model,
    finish_reason: status,
    ...(sources && { sources }),
    ...(cost && { cost }),
  };
  const usage_metadata = {
    input_tokens: usage.prompt_tokens,
    output_tokens: usage.completion_tokens,
    total_tokens: usage.total_tokens,
  };
  const last = changed(transcript, (ai) => ({ ...ai, response_metadata, usage_metadata }));
  return { ...closed(last), end: event };
}
