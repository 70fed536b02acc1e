import { head } from '../../common/index.js';
import type { ModelRequest } from '../chat-model.js';

const TITLE_CHARS = 60;

/** The title of a conversation without a model: the first line of its first question, cut between words. */
export function offlineTitle({ messages }: ModelRequest): string {
  const question = messages.find(({ role }) => role === 'user')?.content ?? '';
  const line = question.trim().split('\n', 1)[0]?.replace(/\s+/g, ' ').trim() ?? '';
  if (line.length <= TITLE_CHARS) return line;
  const space = line.lastIndexOf(' ', TITLE_CHARS - 1);
  return `${space > TITLE_CHARS / 2 ? line.slice(0, space) : head(line, TITLE_CHARS - 1)}…`;
}
