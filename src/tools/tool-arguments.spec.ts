import { z } from 'zod';
import { readArguments, summarizeArguments, summarizeResult } from './tool-arguments.js';
import { ToolError } from './tool.js';
import { normalizePath } from './workspace-files.js';

const schema = z.object({ query: z.string(), limit: z.int().max(5).default(3) });

describe('tool arguments', () => {
  it('are parsed, checked and completed', () => {
    expect(readArguments(schema, '{"query":"CSR","more":1}')).toEqual({ query: 'CSR', limit: 3 });
    expect(readArguments(z.object({}), '')).toEqual({});
    expect(readArguments(schema, JSON.stringify('{"query":"twice"}'))).toEqual({ query: 'twice', limit: 3 });
  });

  it.each(['{"query":', '[]', '"text"', 'null', '{"limit":3}', '{"query":"x","limit":99}', '\u0000'])(
    'are rejected in words if they are %s',
    (text) => {
      expect(() => readArguments(schema, text)).toThrow(ToolError);
    },
  );

  const wide = z.object({
    query: z.string(),
    limit: z.int().max(5).default(3),
    ratio: z.number().optional(),
    exact: z.boolean().optional(),
    kind: z.enum(['a', 'b']).optional(),
    level: z.literal([1, 2]).optional(),
    ids: z.array(z.int()).optional(),
    items: z.array(z.object({ text: z.string(), done: z.boolean().optional() })).optional(),
    either: z.union([z.string(), z.number()]).optional(),
    nothing: z.string().nullable().optional(),
  });

  it.each([
    ['null for what is optional', { limit: null, kind: null, either: null, items: null }, { limit: 3 }],
    ['null where null is meant', { nothing: null }, { limit: 3, nothing: null }],
    ['a number in quotes', { limit: '2', ratio: ' -1.5e1 ' }, { limit: 2, ratio: -15 }],
    ['a truth value in quotes', { exact: 'True' }, { limit: 3, exact: true }],
    ['one of some numbers in quotes', { level: '2' }, { limit: 3, level: 2 }],
    ['a list in quotes, its numbers too', { ids: '["1", 2]' }, { limit: 3, ids: [1, 2] }],
    [
      'slips inside a list',
      {
        items: [
          { text: 'x', done: 'false' },
          { text: 'y', done: null },
        ],
      },
      { limit: 3, items: [{ text: 'x', done: false }, { text: 'y' }] },
    ],
    ['a number where a text may stand', { query: '7', either: '7' }, { limit: 3, query: '7', either: '7' }],
  ])('are read as they were meant: %s', (_name, given, meant) => {
    expect(readArguments(wide, JSON.stringify({ query: 'x', ...given }))).toEqual({ query: 'x', ...meant });
  });

  it.each([
    [{ query: null }],
    [{ limit: 'two' }],
    [{ limit: '' }],
    [{ limit: '0x2' }],
    [{ limit: '2.5' }],
    [{ limit: '9' }],
    [{ ratio: '1e999' }],
    [{ exact: 'yes' }],
    [{ exact: 1 }],
    [{ kind: 'c' }],
    [{ ids: '{"a":1}' }],
    [{ ids: [null] }],
    [{ query: 7 }],
  ])('are rejected if their meaning is ambiguous: %j', (given) => {
    expect(() => readArguments(wide, JSON.stringify({ query: 'x', ...given }))).toThrow(ToolError);
  });

  it.each(['', ' ', 'null', '""', '"null"', '{}'])('can be absent: %j', (text) => {
    expect(readArguments(z.object({ limit: z.int().optional() }), text)).toEqual({});
  });

  it('are summarised in one line of at most 200 characters', () => {
    expect(summarizeArguments('{"query":"CSR krav","limit":2}')).toBe("query='CSR krav', limit=2");
    expect(summarizeArguments('{"items":[{"id":"a"}],"none":null}')).toBe('items=[{"id":"a"}], none=null');
    expect(summarizeArguments('{"query":')).toBe('{"query":');
    expect(
      summarizeArguments(
        JSON.stringify({ a: 'x'.repeat(999), b: 'y\n\ny'.repeat(99), c: 1, d: 'z'.repeat(99) }),
      ).length,
    ).toBeLessThanOrEqual(200);
  });

  it('results are summarised the same way', () => {
    expect(summarizeResult(`a\n  b${'x'.repeat(300)}`)).toMatch(/^a bx{196}…$/);
  });
});

describe('arguments that are nested very deeply', () => {
  const deep = `{"path":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;

  it('are summarised as they arrived', () => {
    expect(summarizeArguments(deep)).toMatch(/^\{"path":\[+…$/);
  });

  it('are rejected where a text is expected', () => {
    expect(() => readArguments(z.object({ path: z.string() }), deep)).toThrow(ToolError);
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
  ])('%j is rejected', (path) => {
    expect(() => normalizePath(path)).toThrow(ToolError);
  });
});
