import type { Message } from '@reprise/client';
import { toTurns } from '../src/chat/turns.js';

const message = (message_id: string, role: Message['role'], metadata = {}): Message => ({
  message_id,
  chat_id: 'c',
  role,
  content: message_id,
  status: 'completed',
  metadata,
  created_at: '2026-01-01T00:00:00.000Z',
  processing_time_ms: 1,
});
const question = (id: string, metadata = {}): Message => message(id, 'user', metadata);
const reply = (id: string, to: string): Message => message(id, 'assistant', { reply_to: to });
const short = (messages: Message[], mayComeLater = false): string[] =>
  toTurns(messages, mayComeLater).map(
    (turn) =>
      `${turn.question?.message_id ?? '-'}:${turn.reply?.message_id ?? '-'}${turn.isRepeat ? ' again' : ''}`,
  );

describe('turns', () => {
  it('keep answers with their questions, whatever came between', () => {
    expect(short([question('q1'), question('q2'), reply('a1', 'q1'), reply('a2', 'q2')])).toEqual([
      'q1:a1',
      'q2:a2',
    ]);
  });

  it('wait for a question that is further up', () => {
    const messages = [reply('a0', 'q0'), question('q1'), reply('a1', 'q1')];
    expect(short(messages, true)).toEqual(['q1:a1']);
    expect(short(messages, false)).toEqual(['-:a0', 'q1:a1']);
  });

  it('tell a question that was asked again from another one', () => {
    const again = question('q2', { retry_of: 'q1' });
    expect(short([question('q1'), again])).toEqual(['q1:-', 'q2:- again']);
    expect(short([question('q1'), question('x'), again])).toEqual(['q1:-', 'x:-', 'q2:-']);
  });
});
