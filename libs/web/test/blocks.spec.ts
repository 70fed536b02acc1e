import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { splitBlocks } from '../src/chat/markdown/blocks.js';

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
  renderToStaticMarkup(createElement(ReactMarkdown, { remarkPlugins: [remarkGfm] }, markdown)).replace(
    /\n+/g,
    '\n',
  );

/** As {@link html}, but in pieces. */
const inPieces = (markdown: string): string =>
  splitBlocks(markdown)
    .map((block) => html(block))
    .join('\n')
    .replace(/\n+/g, '\n');

describe('pieces of Markdown', () => {
  it.each(Object.entries(SAMPLES))('mean the same alone as together: %s', (_name, markdown) => {
    expect(inPieces(markdown).trim()).toBe(html(markdown).trim());
  });

  it.each(Object.entries(SAMPLES))('mean so at every moment of growing: %s', (_name, markdown) => {
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

  it('are many, and split in linear time', () => {
    const paragraphs = Array.from({ length: 20_000 }, (_, index) => `Paragraph ${index}`).join('\n\n');
    const begin = performance.now();
    expect(splitBlocks(paragraphs)).toHaveLength(20_000);
    expect(splitBlocks('`'.repeat(200_000)).length).toBe(1);
    expect(splitBlocks('['.repeat(200_000)).length).toBe(1);
    expect(performance.now() - begin).toBeLessThan(2000);
  });
});
