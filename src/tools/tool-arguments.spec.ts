import { z } from 'zod';
import { readArguments, summarizeArguments, summarizeResult } from './tool-arguments.js';
import { ToolError } from './tool.js';
import { normalizePath } from './workspace-files.js';

const schema = z.object({ query: z.string(), limit: z.int().max(5).default(3) });

describe('tool arguments', () => {
  it('are read, checked and completed', () => {
    expect(readArguments(schema, '{"query":"CSR","more":1}')).toEqual({ query: 'CSR', limit: 3 });
    expect(readArguments(z.object({}), '')).toEqual({});
    expect(readArguments(schema, JSON.stringify('{"query":"twice"}'))).toEqual({ query: 'twice', limit: 3 });
  });

  it.each(['{"query":', '[]', '"text"', 'null', '{"limit":3}', '{"query":"x","limit":99}', '\u0000'])(
    'are refused in words when they are %s',
    (text) => {
      expect(() => readArguments(schema, text)).toThrow(ToolError);
    },
  );

  it('are summarized in one line of at most 200 characters', () => {
    expect(summarizeArguments('{"query":"CSR krav","limit":2}')).toBe("query='CSR krav', limit=2");
    expect(summarizeArguments('{"items":[{"id":"a"}],"none":null}')).toBe('items=[{"id":"a"}], none=null');
    expect(summarizeArguments('{"query":')).toBe('{"query":');
    expect(
      summarizeArguments(
        JSON.stringify({ a: 'x'.repeat(999), b: 'y\n\ny'.repeat(99), c: 1, d: 'z'.repeat(99) }),
      ).length,
    ).toBeLessThanOrEqual(200);
  });

  it('results are summarized likewise', () => {
    expect(summarizeResult(`a\n  b${'x'.repeat(300)}`)).toMatch(/^a bx{196}…$/);
  });
});

describe('workspace paths', () => {
  it.each([
    ['a.md', 'a.md'],
    ['/notes//./a.md', 'notes/a.md'],
    ['notes\\a.md', 'notes/a.md'],
    [' notes / a.md ', 'notes/a.md'],
  ])('%s is %s', (path, normal) => {
    expect(normalizePath(path)).toBe(normal);
  });

  it.each([
    '',
    '/',
    '.',
    '..',
    '../a',
    'a/../../b',
    'a/ .. /b',
    'a\u0000b',
    'a\nb',
    '\ud800',
    'x'.repeat(201),
  ])('%j is refused', (path) => {
    expect(() => normalizePath(path)).toThrow(ToolError);
  });
});
