import { callPayload } from './call-payload.js';

const nested = (levels: number) => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);

describe('what an event carries of a call', () => {
  it.each<[string, unknown]>([
    ['{"a":[1,null]}', { a: [1, null] }],
    ['[1,2]', [1, 2]],
    ['12', '12'],
    ['"text"', '"text"'],
    ['not {json', 'not {json'],
    ['', undefined],
    ['{"api_key":"abcdef12345"}', { api_key: '[redacted]' }],
    ['Bearer abc.def-ghi', 'Bearer [redacted]'],
  ])('%s', (text, payload) => {
    expect(callPayload(text, 100)).toEqual(payload);
  });

  it.each([
    '{"$set":1}',
    '{"a":[{"__proto__":{"b":1}}]}',
    '{"constructor":1}',
    '{"_bsontype":"ObjectId"}',
    '{"a\\u0000":1}',
    nested(80),
  ])('%s stays text: stored as it stands, it would be something else', (text) => {
    expect(callPayload(text, 10_000)).toBe(text);
  });

  it('is left out above the limit, in bytes', () => {
    expect(callPayload('x'.repeat(100), 100)).toBe('x'.repeat(100));
    expect(callPayload('x'.repeat(101), 100)).toBeUndefined();
    expect(callPayload('æ'.repeat(51), 100)).toBeUndefined();
    expect(callPayload('x', 0)).toBeUndefined();
  });
});
