import type { Message } from '@reprise/client';
import { toExchanges } from '../src/chat/exchanges.js';

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
  toExchanges(messages, mayComeLater).map(({ versions }) =>
    versions
      .map(({ question, reply }) => `${question?.message_id ?? '-'}:${reply?.message_id ?? '-'}`)
      .join(' '),
  );

describe('exchanges', () => {
  it('keep answers with their questions, whatever comes between', () => {
    expect(short([question('q1'), question('q2'), reply('a1', 'q1'), reply('a2', 'q2')])).toEqual([
      'q1:a1',
      'q2:a2',
    ]);
  });

  it('wait for a question further up', () => {
    const messages = [reply('a0', 'q0'), question('q1'), reply('a1', 'q1')];
    expect(short(messages, true)).toEqual(['q1:a1']);
    expect(short(messages, false)).toEqual(['-:a0', 'q1:a1']);
  });

  describe('of a question that was asked again', () => {
    it('stay at its first place, all versions in the order in which they were asked', () => {
      const messages = [
        ...[question('q1'), reply('a1', 'q1'), question('x'), question('q2', { retry_of: 'q1' })],
        ...[question('q3', { retry_of: 'q2' }), reply('a3', 'q3'), question('q4', { retry_of: 'q1' })],
      ];
      expect(short(messages)).toEqual(['q1:a1 q2:- q3:a3 q4:-', 'x:-']);
    });

    it('wait for the first version if that is further up', () => {
      const id = '0123456789abcdef01234567';
      const messages = [question('q2', { retry_of: id }), reply('a2', 'q2'), question('x')];
      expect(short(messages, true)).toEqual(['x:-']);
      expect(short([question(id), ...messages], true)).toEqual([`${id}:- q2:a2`, 'x:-']);
    });

    it.each([['nothing'], [''], [7], [null], [{ id: 'q1' }], ['later']])(
      'are ordinary questions if metadata.retry_of is %j',
      (retry_of) => {
        const messages = [question('q1'), question('q2', { retry_of }), question('later')];
        expect(short(messages)).toEqual(['q1:-', 'q2:-', 'later:-']);
        expect(short(messages, true)).toEqual(['q1:-', 'q2:-', 'later:-']);
      },
    );
  });
});
