import type { MessageDocument } from '../../../run-record/index.js';
import { conversationId, responseId, responseOf } from '../dialect/response-object.js';
import type { OpenAiState } from '../dialect/state.js';
import type { WireResponse } from '../dialect/wire.js';

/** A response with what only its question knows. */
export function viewOf(state: OpenAiState, question: MessageDocument): WireResponse {
  const { _id, chat_id, created_at, agent = '', metadata, instructions = null, parent_id } = question;
  return {
    ...responseOf(state),
    id: responseId(_id.toHexString()),
    created_at: Math.floor(created_at.getTime() / 1000),
    model: agent,
    conversation: { id: conversationId(chat_id) },
    metadata: metadata as Record<string, string>,
    instructions,
    previous_response_id: parent_id ? responseId(parent_id.toHexString()) : null,
  };
}

/** What is left of a response whose log has expired: how it ended, and what it said. */
export function viewWithoutLog(
  initial: OpenAiState,
  question: MessageDocument,
  answer: MessageDocument | undefined,
): WireResponse {
  const { status, run } = question;
  const id = question._id.toHexString();
  const text = answer?.content ?? '';
  const part = { type: 'output_text' as const, text, annotations: [], logprobs: [] };
  const message = { id: `msg_${id}_0`, type: 'message' as const, role: 'assistant' as const };
  return {
    ...viewOf(initial, question),
    status: status === 'error' ? 'failed' : status === 'cancelled' ? 'cancelled' : 'completed',
    error: run?.failure ? { code: run.failure.code, message: run.failure.error } : null,
    output: text === '' ? [] : [{ ...message, status: 'completed', content: [part] }],
  };
}

/** What was asked, as `GET …/input_items` lists it. */
export function inputItemsOf({ _id, content, attachments = [] }: MessageDocument): object {
  const id = `msg_${_id.toHexString()}_input`;
  const files = attachments.map(({ file_id, name }) => ({ type: 'input_file', file_id, filename: name }));
  const parts = [{ type: 'input_text', text: content }, ...files];
  const item = { id, type: 'message', role: 'user', status: 'completed', content: parts };
  return { object: 'list', data: [item], first_id: id, last_id: id, has_more: false };
}
