import { renderToStaticMarkup } from 'react-dom/server';
import { BlockReader, splitBlocks, type Group } from '../src/chat/markdown/blocks.js';
import { toElement } from '../src/chat/markdown/processor.js';

const SAMPLES = {
  paragraphs: 'One\ntwo\n\nThree\n\n\n\nFour',
  'a list with blank lines': 'Before\n\n- one\n\n  more of one\n\n- two\n\n      code in two\n\nAfter',
  'a numbered list with a nested one': '1. one\n   - a\n\n   - b\n2. two\n\nAfter',
  'a fence with blank lines': 'Look:\n\n```ts\nconst a = 1;\n\n\n# no heading\n```\n\nAfter',
  'a fence in a list': '- item\n\n  ```\n  a\n\n  b\n  ```\n\n- next',
  'a longer fence around a shorter one': '````md\n```\n\na\n```\n\nb\n````\n\nAfter',
  tilde: '~~~\n```\n\n~~~\n\nAfter ```x``` that',
  'indented code with a blank line': 'Look:\n\n    a\n\n    b\n\nAfter',
  quotes: '> one\n>\n> two\n\n> three',
  table: 'Text\n\n| a | b |\n| --- | :-: |\n| 1 | `x|y` |\n\nAfter',
  headings: '# A\ntext\n\nB\n---\n\n## C\n\n***\n\nend',
  definitions:
    'See [one] and [two][2].\n\n- [2]\n\n[one]: https://one.example\n[2]: https://two.example "Two"',
  footnotes: 'A[^1] and\n\nb[^x].\n\n[^1]: First\n\n[^x]: Second',
  tasks: '- [x] done\n- [ ] open\n\ntext',
  'line ends of Windows': 'a\r\n\r\nb\r\n\r\n- c\r\n',
};

const html = (markdown: string): string =>
  renderToStaticMarkup(toElement(markdown, {})).replace(/\n+/g, '\n');

/** As {@link html}, but in pieces. */
const inPieces = (markdown: string): string =>
  splitBlocks(markdown)
    .map((block) => html(block))
    .join('\n')
    .replace(/\n+/g, '\n');

describe('pieces of Markdown', () => {
  it.each(Object.entries(SAMPLES))('mean the same separately as together: %s', (_name, markdown) => {
    expect(inPieces(markdown).trim()).toBe(html(markdown).trim());
  });

  it.each(Object.entries(SAMPLES))('do so at every moment of growing: %s', (_name, markdown) => {
    for (let end = 0; end <= markdown.length; end++) {
      const part = markdown.slice(0, end);
      expect({ part, html: inPieces(part).trim() }).toEqual({ part, html: html(part).trim() });
    }
  });

  it('never change once they have a successor', () => {
    const whole = Object.entries(SAMPLES)
      .filter(([name]) => !['definitions', 'footnotes'].includes(name))
      .map(([, markdown]) => markdown)
      .join('\n\n');
    let before: string[] = [];
    for (let end = 0; end <= whole.length; end++) {
      const now = splitBlocks(whole.slice(0, end));
      const closed = before.slice(0, -1).map((block) => block.trimEnd());
      expect(now.slice(0, closed.length).map((block) => block.trimEnd())).toEqual(closed);
      before = now;
    }
  });

  it('are many', () => {
    const paragraphs = Array.from({ length: 20_000 }, (_, index) => `Paragraph ${index}`).join('\n\n');
    expect(splitBlocks(paragraphs)).toHaveLength(20_000);
    expect(splitBlocks('`'.repeat(200_000)).length).toBe(1);
  });
});

const rows = (row: (index: number) => string, head = ''): string =>
  head + Array.from({ length: 400 }, (_, index) => row(index)).join('\n');

/** Texts without a blank line in a text of many pages. */
const ENDLESS = {
  'a list': rows((index) => `- Item ${index} of a list that goes on and on`),
  'a numbered list': rows((index) => `${index + 1}. Item of a list that goes on and on`),
  'a numbered list of ones': rows(() => '1. Item of a list that goes on and on, and counts nothing'),
  'a list in a list': rows((index) => `${index % 3 ? '   ' : ''}- Item ${index} of a list that goes on`),
  'a table': rows(
    (index) => `| ${index} | a cell with some text | 1 |`,
    '| No | Text | One |\n| --- | --- | --- |\n',
  ),
  'a quote': rows((index) => `> Line ${index} of a quote that goes on and on`),
  'a paragraph': rows((index) => `Line ${index} of a paragraph that goes on and on`),
  'one line': rows((index) => `Sentence ${index} of a line that goes on.`).replaceAll('\n', ' '),
  'one word': 'x'.repeat(24_000),
  'opening brackets': '['.repeat(24_000),
  'indented code': rows((index) => `    line(${index}); // of code that goes on`),
};

describe('a piece without an end', () => {
  it.each(Object.entries(ENDLESS))('is split: %s', (_name, markdown) => {
    for (const block of splitBlocks(markdown)) expect(block.length).toBeLessThan(9000);
    const text = (source: string): string =>
      html(source)
        .replace(/<thead>[^]*?<\/thead>/g, '')
        .replace(/<[^>]*>|\s+/g, '');
    const joined = splitBlocks(markdown).map(text).join('');
    expect(joined).toBe(splitBlocks(markdown).length > 1 ? text(markdown) : joined);
  });

  it('continues the numbers of a split list', () => {
    const starts = splitBlocks(ENDLESS['a numbered list of ones']).map((block) =>
      Number(/^\d+/.exec(block)?.[0]),
    );
    const sizes = splitBlocks(ENDLESS['a numbered list of ones']).map((block) => block.split('\n').length);
    expect(starts.length).toBeGreaterThan(3);
    for (const [index, start] of starts.entries())
      expect(start).toBe(1 + sizes.slice(0, index).reduce((sum, size) => sum + size, 0));
  });

  it('repeats the table head over each part', () => {
    for (const block of splitBlocks(ENDLESS['a table']))
      expect(block).toMatch(/^\| No \| Text \| One \|\n\| --- /);
  });
});

describe('reading a growing text', () => {
  const MIXED = [...Object.values(SAMPLES), ...Object.values(ENDLESS)].join('\n\n').replaceAll('[^', '[');

  it('gives the same as reading it at once, and leaves finished groups unchanged', () => {
    const reader = new BlockReader();
    let before: readonly Group[] = [];
    let redone = 0;
    for (let end = 0; end <= MIXED.length; end += 777) {
      const now = reader.read(MIXED.slice(0, end));
      redone += before.slice(0, -1).filter((group, index) => group !== now[index]).length;
      before = now;
    }
    expect(reader.read(MIXED)).toEqual(new BlockReader().read(MIXED));
    expect(before.length).toBeGreaterThan(30);
    expect(redone).toBeLessThanOrEqual(2); // the pieces that refer to the two link definitions
  });

  it('changes only the pieces that refer to a definition when it appears', () => {
    const reader = new BlockReader();
    const text = rows((index) => (index === 70 ? 'See [the paper][1].\n' : `Paragraph [${index}]\n`));
    const before = reader.read(`${text}\n\nEnd`);
    const now = reader.read(`${text}\n\nEnd\n\n[1]: https://example.com/paper`);
    const changed = now.slice(0, -2).filter((group, index) => group !== before[index]);
    expect(changed.map(([first]) => first)).toEqual(['Paragraph [0]\n', 'Paragraph [60]\n']); // the one that refers to it, and the one of "Paragraph [1]"
    expect(now.flat().join('\n')).toContain('See [the paper][1].\n\n\n[1]: https://example.com/paper');
  });

  it('starts over for a different text', () => {
    const reader = new BlockReader();
    reader.read('One\n\nTwo\n\nThree');
    expect(reader.read('Four\n\nFive').flat()).toEqual(['Four\n', 'Five']);
    expect(reader.read('Four').flat()).toEqual(['Four']);
    expect(reader.read('').flat()).toEqual([]);
  });
});
