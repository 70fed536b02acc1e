import fc from 'fast-check';
import { tailOf } from '../../src/debug/model/tail.js';

const paragraphs = (count: number): string =>
  Array.from({ length: count }, (_, index) => `Paragraph ${index} has some words.`).join('\n\n');

describe('the end of a text', () => {
  it('is the whole text if that is short', () => {
    expect(tailOf('short', 10)).toEqual({ text: 'short', hidden: 0 });
  });

  it('starts with a paragraph, and reports what it leaves out', () => {
    const text = paragraphs(100);
    const tail = tailOf(text, 500);
    expect(tail.text).toMatch(/^Paragraph \d+ has/);
    expect(text.slice(tail.hidden)).toBe(tail.text);
    expect(tail.text.length).toBeGreaterThanOrEqual(500);
    expect(tail.text.length).toBeLessThan(900);
  });

  it('starts at the same place while the text grows a little', () => {
    const text = paragraphs(100);
    const starts = new Set(
      Array.from({ length: 200 }, (_, more) => tailOf(text.slice(0, 2500 + more), 500).hidden),
    );
    expect(starts.size).toBeLessThanOrEqual(2);
  });

  it('never starts within code, or within a list item', () => {
    const code = `Intro.\n\n\`\`\`\n${paragraphs(50)}\n\`\`\`\n\nEnd.`;
    expect(tailOf(code, 100)).toEqual({ text: code.slice(8), hidden: 8 });
    const list = `Intro.\n\n- item\n\n  ${'more\n\n  '.repeat(50)}`;
    expect(tailOf(list, 100).text).toMatch(/^- item/);
  });

  it('is an end of the text, whatever that is', () => {
    const any = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '`', '```\n', '\n\n'), maxLength: 80 });
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 40 }), (text, most) => {
        const tail = tailOf(text, most);
        expect(text.slice(tail.hidden)).toBe(tail.text);
        expect(tail.text.length).toBeGreaterThanOrEqual(Math.min(most, text.length));
      }),
    );
  });
});
