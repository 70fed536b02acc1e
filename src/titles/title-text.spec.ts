import { titleFrom } from './title-text.js';

describe('a title from what a model wrote', () => {
  it.each([
    ['CSR requirements in tender 02.15', 'CSR requirements in tender 02.15'],
    ['  "CSR requirements"\n', 'CSR requirements'],
    ['**CSR requirements**', 'CSR requirements'],
    ['# CSR requirements', 'CSR requirements'],
    ['Title: CSR requirements.', 'CSR requirements'],
    ['**Titel:** „CSR-Anforderungen“', 'CSR-Anforderungen'],
    ['«Exigences RSE»', 'Exigences RSE'],
    ['「調達の要件」', '調達の要件'],
    ['标题：采购要求', '采购要求'],
    ['- “CSR requirements.”', 'CSR requirements'],
    ['\n\n\nCSR requirements\n\nThis title is short and clear.', 'CSR requirements'],
    ['---\nCSR requirements', 'CSR requirements'],
    ['"Yes" and "No"', '"Yes" and "No"'],
    ['To be continued...', 'To be continued...'],
    ['2. Weltkrieg', '2. Weltkrieg'],
    ['Two\twords\u0007', 'Two words'],
    ['safe\u202Egnp.exe', 'safegnp.exe'],
    ['a\u0000b \uD800', 'ab \uFFFD'],
    ['🎉', '🎉'],
    ['Node.js', 'Node.js'],
  ])('%j is %j', (written, title) => {
    expect(titleFrom(written, 200)).toBe(title);
  });

  it.each(['', '   \n\t', '"..."', '***', '\u200B\u2066'])('%j is none', (written) => {
    expect(titleFrom(written, 200)).toBeUndefined();
  });

  it('is cut between words, or anywhere in a text without any', () => {
    expect(titleFrom('word '.repeat(40), 200)).toBe(`${'word '.repeat(16).trim()}…`.slice(0, 80));
    expect(titleFrom('字'.repeat(200), 200)).toBe(`${'字'.repeat(79)}…`);
    expect(titleFrom('one two three', 8)).toBe('one two…');
  });
});
