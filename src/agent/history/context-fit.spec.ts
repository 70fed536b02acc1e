import type { ModelMessage } from '../../models/index.js';
import { fitTranscript } from './context-fit.js';
import { estimateMessageTokens } from '../../models/index.js';

const text = (tokens: number): string => 'word'.repeat(tokens);
const system: ModelMessage = { role: 'system', content: 'Be careful.' };
const user = (content: string): ModelMessage => ({ role: 'user', content });
const assistant = (content: string): ModelMessage => ({ role: 'assistant', content });
const asks = (...ids: string[]): ModelMessage => ({
  role: 'assistant',
  content: '',
  tool_calls: ids.map((id) => ({ id, name: 'search', arguments: '{}' })),
});
const result = (tool_call_id: string, content: string): ModelMessage => ({
  role: 'tool',
  tool_call_id,
  content,
});

const earlier = (n: number): ModelMessage[] => [
  user(`question ${n} ${text(300)}`),
  asks(`e${n}`),
  result(`e${n}`, text(300)),
  assistant(`answer ${n}`),
];
const all = [
  system,
  ...earlier(1),
  ...earlier(2),
  user('now'),
  asks('a'),
  result('a', `A${text(3000)}`),
  asks('b', 'c'),
  result('b', `B${text(3000)}`),
  result('c', 'C'),
];
const fit = (tokens: number, results = Infinity) => fitTranscript(all, { tokens, results });
const starts = (messages: ModelMessage[]): string[] => messages.map(({ content }) => content.slice(0, 10));

describe('a transcript', () => {
  it('that fits stays unchanged', () => {
    expect(fit(10_000)).toEqual(all);
  });

  it.each([7200, 6600, 4000, 2000, 1200])('is reduced to fit %i tokens', (tokens) => {
    const fitted = fit(tokens);
    expect(estimateMessageTokens(fitted)).toBeLessThanOrEqual(tokens);
    expect(fitted[0]).toEqual(system);
    expect(starts(fitted)).toContain('now');
  });

  it('answers each tool call, however little space there is', () => {
    const fitted = fit(0);
    const asked = fitted.flatMap((message) =>
      message.role === 'assistant' ? (message.tool_calls ?? []) : [],
    );
    const answered = fitted.flatMap((message) => (message.role === 'tool' ? [message.tool_call_id] : []));
    expect(answered).toEqual(asked.map(({ id }) => id));
    expect(fitted[1]).toEqual(user('now'));
    expect(fitted.at(-1)).toEqual(result('c', 'C'));
  });

  it('loses the tool calls of earlier exchanges first, then the oldest exchange', () => {
    expect(starts(fit(estimateMessageTokens(all) - 200))).toEqual(
      starts([system, user('question 1 '), assistant('answer 1'), ...all.slice(5)]),
    );
    expect(starts(fit(estimateMessageTokens(all) - 700)).join()).not.toContain('question 1');
  });

  it('keeps the summary of what was said before as long as it has an earlier exchange, and it stays first', () => {
    const summary: ModelMessage = { role: 'user', content: `before ${text(100)}`, summary: true };
    const rest = [summary, ...all.slice(1)];
    const fitted = (tokens: number) =>
      starts(fitTranscript([system, ...rest], { tokens, results: Infinity })).join();
    expect(fitted(estimateMessageTokens(all) - 700)).toMatch(/^Be careful,before wor,question 2/);
    expect(fitted(600)).not.toContain('before');
    expect(fitted(600)).toContain('now');
  });

  it('has its oldest results clipped first, with a mark', () => {
    const fitted = fit(Infinity, 4000);
    const [a, b, c] = fitted.filter(({ role }) => role === 'tool').slice(-3);
    expect(a?.content).toMatch(
      /^Aword.*\n\[… \d+ of 12001 characters were left out here: .* \/tool-calls …\]\n/s,
    );
    expect(b?.content).toHaveLength(12_001);
    expect(c?.content).toBe('C');
  });

  it('shares what is left among the results of the last turn', () => {
    const fitted = fit(Infinity, 1000);
    const [, b, c] = fitted.filter(({ role }) => role === 'tool').slice(-3);
    expect(b?.content).toMatch(/^Bword.*characters were left out/s);
    expect(c?.content).toBe('C');
    expect(b?.content.length).toBeGreaterThan(1000);
  });

  it('is never cut inside a character', () => {
    for (let tokens = 100; tokens < 140; tokens++) {
      const [, clipped] = fitTranscript([system, user('😀'.repeat(400)), assistant('a'), user('b')], {
        tokens: tokens + 80,
        results: 0,
      });
      expect(clipped?.content.isWellFormed()).toBe(true);
    }
  });
});
