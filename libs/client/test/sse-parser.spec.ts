import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { SseParser, type Frame } from '../src/sse-parser.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function parse(chunks: Uint8Array[]): Frame[] {
  const parser = new SseParser();
  return chunks.flatMap((chunk) => parser.feed(chunk));
}

const parseText = (text: string): Frame[] => parse([bytes(text)]);

/** Positions of cuts, given as fractions of the whole. */
function cutAt(whole: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [
    0,
    ...places.map((place) => Math.floor(place * whole.length)).sort((a, b) => a - b),
    whole.length,
  ];
  return cuts.slice(1).map((end, index) => whole.subarray(cuts[index], end));
}

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

/** Lines of a stream: good ones, strange ones, and pieces of both. */
const line = fc.oneof(
  fc.constantFrom(
    '',
    '',
    'data',
    'data:',
    'data: ',
    'data:  two',
    'event: tool_start',
    'event',
    ': heartbeat',
    ':',
  ),
  fc.constantFrom(
    'id: 1',
    'id',
    'id: nul\0',
    'retry: 1000',
    'retry: 1s',
    'retry:',
    'unknown: x',
    'data : x',
    ' data: x',
  ),
  fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, '')}`),
);
const lineEnd = fc.constantFrom('\n', '\r', '\r\n');
const stream = fc
  .tuple(fc.constantFrom('', '\uFEFF'), fc.array(fc.tuple(line, lineEnd), { maxLength: 30 }))
  .map(([mark, lines]) => mark + lines.flat().join(''));

describe('the parser', () => {
  it('finds the same frames however the bytes are cut', () => {
    fc.assert(
      fc.property(stream, places, (text, cuts) => {
        expect(parse(cutAt(bytes(text), cuts))).toEqual(parseText(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('finds the same frames byte by byte', () => {
    fc.assert(
      fc.property(stream, (text) => {
        expect(parse(Array.from(bytes(text), (byte) => Uint8Array.of(byte)))).toEqual(parseText(text));
      }),
    );
  });

  it('finds what another parser finds', () => {
    // The other parser does not carry over the id of the previous frame, and treats the mark as bytes: both are tested
    // below.
    const comparable = stream.map((text) => text.replace('\uFEFF', ''));
    fc.assert(
      fc.property(comparable, (text) => {
        const expected: string[][] = [];
        const oracle = createParser({
          onEvent: ({ event = 'message', data }) => expected.push([event, data]),
        });
        // A parser that looks ahead may wait for what follows a final CR.
        oracle.feed(`${text}:\n`);
        expect(parseText(`${text}:\n`).map(({ event, data }) => [event, data])).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['\n', '\r', '\r\n'])('knows the line ending %j', (end) => {
    const text = ['event: content', 'id: 7', 'data: a', 'data: b', '', 'data: c', '', ''].join(end);
    expect(parseText(text)).toEqual([
      { event: 'content', id: '7', data: 'a\nb' },
      { event: 'message', id: '7', data: 'c' },
    ]);
  });

  it('skips only a leading byte order mark', () => {
    expect(parseText('\uFEFFdata: \uFEFFa\n\n')).toEqual([{ event: 'message', id: '', data: '\uFEFFa' }]);
  });

  it('holds a frame back until its empty line', () => {
    const parser = new SseParser();
    expect(parser.feed(bytes('data: a\n'))).toEqual([]);
    expect(parser.feed(bytes('\n'))).toHaveLength(1);
  });

  it('gets no frame from a comment, from fields without data, or from half a frame', () => {
    expect(parseText(': heartbeat\n\nevent: end\nid: 1\n\ndata: half')).toEqual([]);
  });

  it('reports the time that the stream asks to wait', () => {
    const parser = new SseParser();
    parser.feed(bytes('retry: 250\n\nretry: soon\n\n'));
    expect(parser.retryMs).toBe(250);
  });
});
