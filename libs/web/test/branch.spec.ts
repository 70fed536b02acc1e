import type { Message } from '@reprise/client';
import { shownBranch, type Picks } from '../src/chat/branch.js';
import { toExchanges } from '../src/chat/exchanges.js';

/** `parent`: missing for a question of a server that knew no branches. */
const question = (message_id: string, parent?: string | null, ids: string[] = []): Message => ({
  message_id,
  chat_id: 'c',
  role: 'user',
  content: message_id,
  status: 'completed',
  metadata: {},
  created_at: '2026-01-01T00:00:00.000Z',
  processing_time_ms: 1,
  ...(parent !== undefined && { parent_message_id: parent }),
  ...(ids.length > 0 && { versions: { index: ids.indexOf(message_id), count: ids.length, ids } }),
});
const shown = (messages: Message[], picks: Record<string, string> = {}): string[] =>
  shownBranch(toExchanges(messages, false), new Map(Object.entries(picks)) as Picks).map(
    ({ exchange, at }) => exchange.versions[at]?.id ?? '',
  );

describe('the branch that is shown', () => {
  // 1 ─ 2 ─ 3
  //   └ 4 ─ 5
  const twos = ['2', '4'];
  const tree = [
    ...[question('1', null), question('2', '1', twos), question('3', '2'), question('4', '1', twos)],
    question('5', '4'),
  ];

  it('is that of the newest question', () => {
    expect(shown(tree)).toEqual(['1', '4', '5']);
    expect(shown(tree.slice(0, 4))).toEqual(['1', '4']);
    expect(shown([])).toEqual([]);
  });

  it('is that of the last one, whatever its id', () => {
    expect(shown([question('9', null), question('1', '9'), question('5', '1')])).toEqual(['9', '1', '5']);
  });

  it('is another one when the reader picks a version', () => {
    expect(shown(tree, { 2: '2' })).toEqual(['1', '2', '3']);
    expect(shown(tree, { 2: '4' })).toEqual(['1', '4', '5']);
    expect(shown(tree, { 2: 'gone' })).toEqual(['1', '4', '5']);
  });

  it('begins where messages are loaded', () => {
    expect(shown(tree.slice(1))).toEqual(['4', '5']);
  });

  it('keeps what followed a version of a server that knew no branches', () => {
    const old = [question('1', null), question('2', '1'), { ...question('3'), metadata: { retry_of: '1' } }];
    expect(shown(old)).toEqual(['3', '2']);
    expect(shown(old, { 1: '1' })).toEqual(['1', '2']);
    expect(shown([question('1'), question('2')])).toEqual(['1', '2']);
  });

  it('cannot be confused by circles', () => {
    expect(shown([question('1', '2'), question('2', '1')])).toEqual(['1', '2']);
  });
});
