import fc from 'fast-check';
import { PASSAGE_CHARS, splitPassages } from '../../src/documents/passages.js';

const part = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '# A\n',
    'ledelses-\n',
    'ab\u00ad\r\n',
    '## B ##\n',
    '\n\n',
    '```\n',
    '. ',
    'x'.repeat(700),
    '👍'.repeat(300),
  ),
);
const text = fc.array(part, { maxLength: 60 }).map((parts) => parts.join('').toWellFormed());

it('splits any text without loss, into pieces that are not too long and hold whole characters', () => {
  fc.assert(
    fc.property(text, (whole) => {
      const pieces = splitPassages(whole).map((passage) => passage.text);
      expect(pieces.join('') === whole).toBe(true);
      expect(
        pieces.every((piece) => piece !== '' && piece.length <= PASSAGE_CHARS && piece.isWellFormed()),
      ).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('starts a passage at a heading, and knows the headings above it', () => {
  const passages = splitPassages('# A\n\n## B\n\nb\n\n## C\n\nc\n\n# D\n\n```\n# code\n```\n');
  expect(passages).toEqual([
    { heading: 'A › B', text: '# A\n\n## B\n\nb\n\n' },
    { heading: 'A › C', text: '## C\n\nc\n\n' },
    { heading: 'D', text: '# D\n\n```\n# code\n```\n' },
  ]);
});

it.each([
  ['headings only', '# x\n'.repeat(100_000)],
  ['line ends only', '\n'.repeat(900_000)],
  ['hash signs only', '#'.repeat(900_000)],
  ['headings with long tails', `# a${' '.repeat(1000)}\n`.repeat(900)],
])('takes time proportional to the length of %s', (_, whole) => {
  const begin = performance.now();
  expect(
    splitPassages(whole)
      .map((passage) => passage.text)
      .join('') === whole,
  ).toBe(true);
  expect(performance.now() - begin).toBeLessThan(2000);
});

it.each(['-', '\u00ad', '\u2010', '\ufffe'])(
  'keeps the halves of a word together that %j splits at a line end',
  (hyphen) => {
    const text = `${'word '.repeat(230)}klima${hyphen}\nregnskab ${'word '.repeat(60)}\n${'more '.repeat(100)}`;
    const pieces = splitPassages(text).map((passage) => passage.text);
    expect(pieces.join('') === text).toBe(true);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.filter((piece) => piece.includes(`klima${hyphen}\nregnskab`))).toHaveLength(1);
  },
);
