import type { ModelMessage } from '../chat-model.js';

type UserMessage = Extract<ModelMessage, { role: 'user' }>;

/**
 * The same conversation with no two user messages in a row: they are joined by a blank line. Many chat templates
 * reject a request whose roles do not alternate, and a question may not have been answered.
 */
export function alternating(messages: readonly ModelMessage[]): ModelMessage[] {
  const joined: ModelMessage[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (message.role === 'user' && last?.role === 'user') joined[joined.length - 1] = together(last, message);
    else joined.push(message);
  }
  return joined;
}

function together(first: UserMessage, second: UserMessage): UserMessage {
  const images = [...(first.images ?? []), ...(second.images ?? [])];
  const content = `${first.content}\n\n${second.content}`;
  const { documents: _documents, ...rest } = second;
  return { ...rest, content, ...(images.length > 0 && { images }) };
}
