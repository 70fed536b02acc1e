import { hash } from 'node:crypto';
import type { ModelMessage, ModelToolCall, ProviderData } from '../../models/index.js';

/** 16 hex digits that tell whether two lists of messages are the same. */
export function digestOf(messages: readonly ModelMessage[]): string {
  return hash('sha1', JSON.stringify(messages.map(parts)), 'hex').slice(0, 16);
}

/** Fields in one order, whoever built the message. */
function parts(message: ModelMessage): unknown[] {
  const { role, content } = message;
  switch (message.role) {
    case 'tool':
      return [role, content, message.tool_call_id, message.error_code];
    case 'assistant':
      return [role, content, message.tool_calls?.map(callParts), dataParts(message.provider)];
    case 'user':
      return [role, content, message.continues, message.images?.length];
    default:
      return [role, content];
  }
}

const callParts = ({ id, name, arguments: text, provider }: ModelToolCall): unknown[] => [
  id,
  name,
  text,
  dataParts(provider),
];

const dataParts = (data: ProviderData | undefined): unknown => data && [data.origin, data.id, data.fields];
