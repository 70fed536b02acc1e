import fc from 'fast-check';
import { CONTINUE_INSTRUCTION, continueAfter, ContinuationJoin } from './continuation.js';

function join(shown: string, pieces: readonly string[]): string {
  const joiner = new ContinuationJoin(shown);
  const out = pieces.map((piece) => joiner.push(piece)).join('');
  return out + joiner.flush();
}

/** Cuts a text at the given places. */
function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [...at, text.length].map((end, index) => text.slice(index === 0 ? 0 : at[index - 1], end));
}

const places = fc.array(fc.nat(500), { maxLength: 12 });
const prose = fc.string({ minLength: 1, maxLength: 200, unit: fc.constantFrom(...'abcdefgh \n.') });

describe('joining a continued answer', () => {
  it('shows only what is new if the model starts over from the beginning, however it is split', () => {
    fc.assert(
      fc.property(prose, prose, places, (shown, rest, at) => {
        fc.pre(shown.trim() !== '');
        expect(join(shown, cut(shown + rest, at))).toBe(rest);
      }),
    );
  });

  it('shows everything if nothing is repeated', () => {
    const other = fc.string({ minLength: 1, maxLength: 200, unit: fc.constantFrom(...'ABCDEFGH \n.') });
    fc.assert(
      fc.property(prose, other, places, (shown, rest, at) => {
        fc.pre(shown.trim() !== '' && rest.trim() !== '' && /^\s*[A-H]/.test(rest));
        expect(join(shown, cut(rest, at))).toBe(rest);
      }),
    );
  });

  it('drops a repeated tail that is no coincidence', () => {
    const shown = 'The contractor reports on working conditions every';
    expect(join(shown, ['working condi', 'tions every year.'])).toBe(' year.');
    expect(join(shown, cut('reports on working conditions every year.', [3, 9, 20]))).toBe(' year.');
  });

  it('keeps a short or monotonous repetition', () => {
    expect(join('one, two', ['two, three'])).toBe('two, three');
    expect(join('| a |\n| --------------- |', ['--------------- | b |'])).toBe('--------------- | b |');
  });

  it('drops blank lines before a repetition and keeps them before new text', () => {
    expect(join('Hello there, world', ['\n\n', 'Hello there, world', '!'])).toBe('!');
    expect(join('Hello there, world', ['\n\n', 'Next paragraph'])).toBe('\n\nNext paragraph');
  });

  it('shows nothing if the model starts over and stops earlier than before', () => {
    expect(join('The answer is forty-two, I think.', ['The answer is forty-two'])).toBe('');
  });

  it('shows a short ending that also occurs earlier in the text', () => {
    expect(join('This is a sentence. And this is another one', ['.'])).toBe('.');
  });

  it('joins after a long text without delay', () => {
    const shown = 'Lorem ipsum dolor sit amet, consectetur. '.repeat(10_000);
    const started = performance.now();
    expect(join(shown, [...(shown + 'The end.').match(/.{1,7}/gs)!])).toBe('The end.');
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('requests a continuation only if something was received', () => {
    const messages = [{ role: 'user' as const, content: 'hi' }];
    expect(continueAfter(messages, '')).toEqual(messages);
    expect(continueAfter(messages, 'Hel')).toEqual([
      ...messages,
      { role: 'assistant', content: 'Hel' },
      { role: 'user', content: CONTINUE_INSTRUCTION, continues: true },
    ]);
  });
});
