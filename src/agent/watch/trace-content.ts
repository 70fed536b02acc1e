import type { ModelDelta, ModelMessage, ModelToolCall } from '../../models/index.js';

// The messages of a request and its answer, as the GenAI conventions write them: JSON of roles and parts.

/** What a model was sent. Images are only named. */
export function toInputMessages(messages: readonly ModelMessage[]): string {
  return JSON.stringify(messages.map((message) => ({ role: message.role, parts: partsOf(message) })));
}

/** What a model has answered. */
export function toOutputMessages(deltas: readonly ModelDelta[]): string {
  const text = deltas.map((delta) => (delta.type === 'text' ? delta.text : '')).join('');
  const calls = deltas.flatMap((delta) => (delta.type === 'tool_call' ? [delta.call] : []));
  const finish = deltas.find((delta) => delta.type === 'finish');
  const parts = [...textParts(text), ...calls.map(callPart)];
  return JSON.stringify([{ role: 'assistant', parts, finish_reason: finish?.reason ?? 'error' }]);
}

function partsOf(message: ModelMessage): object[] {
  switch (message.role) {
    case 'tool':
      return [{ type: 'tool_call_response', id: message.tool_call_id, response: message.content }];
    case 'assistant':
      return [...textParts(message.content), ...(message.tool_calls ?? []).map(callPart)];
    case 'user':
      return [
        ...(message.images ?? []).map(({ media_type }) => ({ type: 'image', mime_type: media_type })),
        ...textParts(message.content),
      ];
    default:
      return textParts(message.content);
  }
}

const textParts = (content: string): object[] => (content === '' ? [] : [{ type: 'text', content }]);

const callPart = ({ id, name, arguments: text }: ModelToolCall): object => ({
  type: 'tool_call',
  id,
  name,
  arguments: text,
});
