import type { StreamEvent } from '@reprise/protocol';
import type { ResponseStatus } from 'openai/resources/responses/responses';
import { waitsForPeople, type OpenAiState } from './state.js';
import type { LifecycleType, WireResponse } from './wire.js';

/** Of a response: it belongs to one run. */
export const responseId = (messageId: string): string => `resp_${messageId}`;

/** Of a conversation. */
export const conversationId = (chatId: string): string => `conv_${chatId}`;

/** Of a question about a call. */
export const approvalRequestId = (messageId: string, callId: string): string => `mcpr_${messageId}_${callId}`;

/** How a response ends on the wire: `response.cancelled` does not exist there. */
export const LAST: Readonly<Record<StreamEvent<'end'>['status'], LifecycleType>> = {
  completed: 'response.completed',
  error: 'response.failed',
  cancelled: 'response.incomplete',
};

const STATUSES: Readonly<Record<StreamEvent<'end'>['status'], ResponseStatus>> = {
  completed: 'completed',
  error: 'failed',
  cancelled: 'cancelled',
};

/**
 * What a response is by now. One that waits for people is `completed`, with the questions in its output, as at OpenAI:
 * its client does not ask again by itself, but answers.
 */
export function statusOf(state: OpenAiState): ResponseStatus {
  if (state.end) return STATUSES[state.end.status];
  if (waitsForPeople(state)) return 'completed';
  return state.head ? 'in_progress' : 'queued';
}

/** The response as far as the log goes. */
export function responseOf(state: OpenAiState, status = statusOf(state)): WireResponse {
  const { head, end, failure } = state;
  return {
    ...EMPTY,
    id: responseId(head?.message_id ?? ''),
    created_at: head?.created_at ?? 0,
    completed_at: end?.status === 'completed' ? secondsOf(end.ts) : null,
    status,
    error: failure && end ? { ...failure } : null,
    model: head?.agent ?? '',
    output: outputOf(state),
    conversation: { id: conversationId(head?.chat_id ?? '') },
    ...(end && { usage: usageOf(end.usage) }),
  };
}

/**
 * The same while it goes on: every item that was announced is there, in its place. A client (openai 6) looks for what
 * follows by `output_index` in what it has been told here.
 */
export const unfinishedResponseOf = (state: OpenAiState): WireResponse => ({
  ...responseOf(state, 'in_progress'),
  output: [...state.items],
});

/** A time in the log as OpenAI writes it: epoch seconds. */
export const secondsOf = (time: string): number => Math.floor(Date.parse(time) / 1000);

const outputOf = ({ items, decided }: OpenAiState): WireResponse['output'] =>
  items.filter((_, index) => !decided.has(index));

function usageOf({ prompt_tokens, completion_tokens, total_tokens }: StreamEvent<'end'>['usage']) {
  return {
    input_tokens: prompt_tokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: completion_tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens,
  };
}

/** What is the same for every response: its agent decides all of this. */
const EMPTY: Omit<WireResponse, 'id' | 'created_at' | 'model' | 'output'> = {
  object: 'response',
  status: 'in_progress',
  background: null,
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  service_tier: 'default',
  temperature: null,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_p: null,
  truncation: 'disabled',
};
