import { textWithoutImages, type ModelMessage, type ModelRequest } from '../../models/index.js';

/** What was said, for a remote agent. */
export interface RemoteQuestion {
  message: string;
  /** What was said before, oldest first. */
  history: { role: 'user' | 'assistant'; content: string }[];
}

/** The question of a request, and the conversation before it, without tools and images. */
export function remoteQuestion({ messages }: Pick<ModelRequest, 'messages'>): RemoteQuestion {
  const talk = messages.flatMap((message): RemoteQuestion['history'] => {
    if (message.role === 'user') return [{ role: 'user', content: textWithoutImages(message) }];
    if (message.role !== 'assistant' || message.content === '') return [];
    return [{ role: 'assistant', content: message.content }];
  });
  const asked = talk.findLastIndex(({ role }) => role === 'user');
  return { message: talk[asked]?.content ?? '', history: talk.slice(0, Math.max(0, asked)) };
}

/** Whether a request is for the rest of an answer whose worker was lost. */
export function isContinuation(messages: readonly ModelMessage[]): boolean {
  const last = messages.at(-1);
  return last?.role === 'user' && last.continues === true;
}
