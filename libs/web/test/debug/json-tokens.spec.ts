import fc from 'fast-check';
import { jsonTokens } from '../../src/debug/model/json-tokens.js';

describe('highlighting JSON', () => {
  it('distinguishes keys, strings, numbers and words', () => {
    const text = JSON.stringify({ a: 'b: "c"', d: [-1.5e3, true, null] });
    expect(jsonTokens(text).filter(({ kind }) => kind !== 'plain')).toEqual([
      { kind: 'key', text: '"a"' },
      { kind: 'string', text: String.raw`"b: \"c\""` },
      { kind: 'key', text: '"d"' },
      { kind: 'number', text: '-1500' },
      { kind: 'word', text: 'true' },
      { kind: 'word', text: 'null' },
    ]);
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const tokens = jsonTokens(text);
        expect(tokens.map((token) => token.text).join('')).toBe(text);
      }),
    );
  });
});
