import { ToolError } from '../tools/index.js';
import type { RemoteResult } from './connections/connection.js';
import { modelName } from './tool-names.js';
import { toToolResult } from './tool-result.js';

const text = (value: string) => ({ type: 'text', text: value });
const result = (more: Partial<RemoteResult>): RemoteResult => ({ blocks: [], isError: false, ...more });

describe('a result', () => {
  it.each<[string, Partial<RemoteResult>, object]>([
    ['texts', { blocks: [text('a'), text('b')] }, { text: 'a\n\nb' }],
    ['nothing', {}, { text: '(The tool returned nothing.)' }],
    ['blank text', { blocks: [text(' \n')] }, { text: '(The tool returned nothing.)' }],
    ['unclean text', { blocks: [text('a\0b\ud800')] }, { text: 'ab\ufffd' }],
    ['structured content alone', { structured: { a: 1 } }, { json: { a: 1 } }],
    ['a structured list', { structured: [1, 2] }, { json: [1, 2] }],
    [
      'structured content and the same as text',
      { structured: { a: 1 }, blocks: [text('{ "a": 1 }')] },
      { json: { a: 1 } },
    ],
    [
      'structured content and one of its texts',
      { structured: { a: ['long text'] }, blocks: [text('long text\n')] },
      { json: { a: ['long text'] } },
    ],
    [
      'structured content and something else',
      { structured: { a: 1 }, blocks: [text('a is one')] },
      { json: { a: 1 }, text: '{"a":1}\n\na is one' },
    ],
    [
      'structured content and an image',
      { structured: { a: 1 }, blocks: [{ type: 'image', mimeType: 'image/png', data: 'AAAA' }] },
      { json: { a: 1 }, text: '{"a":1}\n\n[image: image/png, 3 bytes; it cannot be shown here]' },
    ],
    [
      'audio',
      { blocks: [{ type: 'audio', mimeType: 'audio/wav', data: 'A'.repeat(4096) }] },
      { text: '[audio: audio/wav, 3 kB; it cannot be shown here]' },
    ],
    [
      'a text resource',
      { blocks: [{ type: 'resource', resource: { uri: 'file:///a', text: 'inside' } }] },
      { text: 'Resource file:///a:\ninside' },
    ],
    [
      'a binary resource',
      {
        blocks: [
          { type: 'resource', resource: { uri: 'file:///a', blob: 'AAAA', mimeType: 'application/pdf' } },
        ],
      },
      { text: '[resource file:///a: application/pdf, 3 bytes; it cannot be shown here]' },
    ],
    [
      'a link',
      { blocks: [{ type: 'resource_link', uri: 'https://h/a', name: 'A', mimeType: 'text/html' }] },
      { text: '[resource https://h/a: A, text/html]' },
    ],
    [
      'fields of wrong types',
      { blocks: [{ type: 'text', text: 5 }, { type: 'image' }, { type: 'resource' }] },
      {
        text: '[image: unknown type, no data; it cannot be shown here]\n\n[resource : unknown type, no data; it cannot be shown here]',
      },
    ],
    [
      'an unknown type',
      { blocks: [{ type: 'x'.repeat(1000) }] },
      { text: expect.stringMatching(/^\[a part of type "x{299}…"/) },
    ],
  ])('may be %s', (_name, given, expected) => {
    expect(toToolResult(result(given))).toEqual(expected);
  });

  it.each<[Partial<RemoteResult>, string]>([
    [{ blocks: [text('no such city')] }, 'no such city'],
    [{ structured: { code: 7 } }, '{"code":7}'],
    [{}, 'The tool failed and did not say why.'],
  ])('may be an error: %j', (given, message) => {
    expect(() => toToolResult(result({ ...given, isError: true }))).toThrow(new ToolError(message));
  });

  it('is read in a moment, however many parts it has', () => {
    const parts = Array.from({ length: 20_000 }, (_, index) => `part ${index}`);
    const { json, text: rest } = toToolResult(result({ structured: parts, blocks: parts.map(text) }));
    expect([json, rest]).toEqual([parts, undefined]);
  });
});

describe('a name for models', () => {
  it.each([
    ['files', 'read_file', 'files__read_file'],
    ['a-b', 'tools.list/all', 'a-b__tools_list_all'],
    ['s', 'æøå', 's___'.padEnd(6, '_')],
  ])('is made of %s and %s', (server, tool, name) => {
    expect(modelName(server, tool)).toBe(name);
  });

  it('is at most 64 characters, and differs for names that differ at their end', () => {
    const [one, two] = ['1', '2'].map((end) => modelName('server', 'x'.repeat(90) + end));
    expect([one?.length, two?.length]).toEqual([64, 64]);
    expect(one).not.toBe(two);
    expect(modelName('server', 'x'.repeat(56))).toBe(`server__${'x'.repeat(56)}`);
  });
});
