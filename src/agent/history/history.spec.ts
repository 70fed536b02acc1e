import type { EarlierExchange } from '../loop/agent-run.js';
import type { JournaledCall } from '../calls/tool-journal.js';
import { windowHistory as fit } from './history.js';
import { estimateMessageTokens, estimateTokens } from '../../models/index.js';

const exchange = (n: number): EarlierExchange => ({
  message_id: String(n),
  question: `question ${n}`,
  answer: `answer ${n}`,
});

const call = (message_id: string, fields: Partial<JournaledCall> = {}): JournaledCall => ({
  chat_id: 'c',
  message_id,
  call_id: 'a',
  step: 1,
  position: 0,
  name: 'search',
  arguments: '{"query":"x"}',
  result: 'found',
  status: 'ok',
  ms: 1,
  started_at: new Date(0),
  ended_at: new Date(0),
  ...fields,
});

const windowHistory = (...given: Parameters<typeof fit>) => fit(...given).messages;

const plenty = { messages: 100, tokens: 100_000 };

describe('the history window', () => {
  it('gives questions and answers in order', () => {
    const messages = windowHistory([exchange(1), exchange(2)], new Map(), plenty);
    expect(messages.map(({ content }) => content)).toEqual([
      'question 1',
      'answer 1',
      'question 2',
      'answer 2',
    ]);
  });

  it('puts tool calls with their results between question and answer', () => {
    const calls = [
      call('1', { call_id: 'a' }),
      call('1', { call_id: 'b', position: 1 }),
      call('1', { call_id: 'c', step: 2 }),
    ];
    const messages = windowHistory([exchange(1)], new Map([['1', calls]]), plenty);
    expect(messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'tool',
      'assistant',
      'tool',
      'assistant',
    ]);
  });

  it('drops whole exchanges, oldest first, if there are too many messages', () => {
    const messages = windowHistory([exchange(1), exchange(2), exchange(3)], new Map(), {
      ...plenty,
      messages: 5,
    });
    expect(messages.map(({ content }) => content)).toEqual([
      'question 2',
      'answer 2',
      'question 3',
      'answer 3',
    ]);
  });

  it('drops whole exchanges, oldest first, if there are too many tokens', () => {
    const exchanges = [exchange(1), exchange(2), exchange(3)];
    const one = estimateMessageTokens(windowHistory([exchange(3)], new Map(), plenty));
    expect(windowHistory(exchanges, new Map(), { ...plenty, tokens: one * 2 + 1 })).toHaveLength(4);
  });

  it('keeps an exchange without its tool calls if it only fits that way', () => {
    const big = new Map([['1', [call('1', { result: 'x'.repeat(1900) })]]]);
    const messages = windowHistory([exchange(1)], big, { ...plenty, tokens: 100 });
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
  });

  it('clips long tool results with a mark', () => {
    const messages = windowHistory(
      [exchange(1)],
      new Map([['1', [call('1', { result: 'x'.repeat(5000) })]]]),
      plenty,
    );
    expect(messages[2]?.content).toMatch(/^x{2000}\n\[… the rest was left out/);
  });

  it('leaves out calls that never ended', () => {
    const messages = windowHistory(
      [exchange(1)],
      new Map([['1', [call('1', { status: 'running', result: null })]]]),
      plenty,
    );
    expect(messages).toHaveLength(2);
  });

  it('passes on an unanswered question alone, even if tools were called for it', () => {
    const exchanges = [{ message_id: '1', question: 'q' }, exchange(2)];
    const messages = windowHistory(exchanges, new Map([['1', [call('1')]]]), plenty);
    expect(messages.map(({ content }) => content)).toEqual(['q', 'question 2', 'answer 2']);
  });
});

describe('the token estimate', () => {
  it('counts English at four characters per token and Chinese at one', () => {
    expect(estimateTokens('four char token!')).toBe(4);
    expect(estimateTokens('你好世界')).toBe(4);
    expect(estimateTokens('æøå')).toBe(2);
    expect(estimateTokens('')).toBe(0);
  });
});
