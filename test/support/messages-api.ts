import type { ServerResponse } from 'node:http';
import { stream, type Answer } from './provider.js';

// Answers of a server that speaks the Messages API, for `Provider`.

/** One event, with its name. */
export const event = (type: string, fields: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

export const messageStart = (usage: object = { input_tokens: 10, output_tokens: 1 }): string =>
  event('message_start', {
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [],
      stop_reason: null,
      usage,
    },
  });

/** A block of text, a delta for each piece. */
export const textBlock = (index: number, ...pieces: string[]): string =>
  event('content_block_start', { index, content_block: { type: 'text', text: '' } }) +
  pieces
    .map((text) => event('content_block_delta', { index, delta: { type: 'text_delta', text } }))
    .join('') +
  event('content_block_stop', { index });

/** A block of thinking with its signature. */
export const thinkingBlock = (index: number, thinking: string, signature = 'sig+/='): string =>
  event('content_block_start', { index, content_block: { type: 'thinking', thinking: '', signature: '' } }) +
  event('content_block_delta', { index, delta: { type: 'thinking_delta', thinking } }) +
  event('content_block_delta', { index, delta: { type: 'signature_delta', signature } }) +
  event('content_block_stop', { index });

/** A call whose arguments come in pieces. */
export const toolBlock = (index: number, id: string, name: string, ...json: string[]): string =>
  event('content_block_start', { index, content_block: { type: 'tool_use', id, name, input: {} } }) +
  json
    .map((partial_json) =>
      event('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json } }),
    )
    .join('') +
  event('content_block_stop', { index });

export const messageEnd = (
  stop_reason: string | null = 'end_turn',
  usage: object = { output_tokens: 7 },
): string =>
  event('message_delta', { delta: { stop_reason, stop_sequence: null }, usage }) + event('message_stop');

/** A whole answer of these blocks. */
export const message = (...blocks: string[]): string => messageStart() + blocks.join('') + messageEnd();

/** A whole turn that calls tools. */
export const callingMessage = (...blocks: string[]): string =>
  messageStart() + blocks.join('') + messageEnd('tool_use');

/** Sends these bytes and ends. */
export function sends(...frames: string[]): Answer {
  return (_request, response: ServerResponse) => {
    stream(response).end(frames.join(''));
  };
}
