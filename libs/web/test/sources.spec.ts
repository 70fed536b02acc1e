import type { FullToolCall } from '@reprise/client';
import { plainText } from '../src/chat/markdown/plain-text.js';
import { sourcesOf } from '../src/chat/sources.js';

const search = (result: string | null, status: FullToolCall['status'] = 'ok'): FullToolCall => ({
  call_id: 'c',
  name: 'search_tender_corpus',
  arguments: '{}',
  result,
  status,
  ms: 1,
  started_at: '',
  ended_at: null,
});
const found = (...passages: object[]): FullToolCall => search(JSON.stringify({ passages }));
const passage = (document_id: string, title: string, heading?: string): object => ({
  document_id,
  title,
  text: `## H\n\n**Text** of\n${title}`,
  ...(heading !== undefined && { heading }),
});

describe('sources', () => {
  it('list each document once, with what was found in it', () => {
    const calls = [
      found(passage('1', 'One', 'A'), passage('1', 'One', 'B')),
      found(passage('2', 'Two'), passage('1', 'One', 'A')),
    ];
    expect(sourcesOf(null, calls, '')).toEqual([
      {
        id: '1',
        title: 'One',
        isDocument: true,
        url: null,
        headings: ['A', 'B'],
        passage: '## H\n\n**Text** of\nOne',
      },
      {
        id: '2',
        title: 'Two',
        isDocument: true,
        url: null,
        headings: [],
        passage: '## H\n\n**Text** of\nTwo',
      },
    ]);
  });

  const titles = ['One', 'Annex II', 'scaling', 'annual_report', 'C++ (draft)', '报告', 'Ælskede bøger'];
  it.each([
    ['nothing', 'No title here', []],
    ['a title in words', 'As Annex II says', ['Annex II']],
    [
      'a word that is a title, behind a citation',
      'By scaling, see **Annex II, Part 1**',
      ['Annex II', 'scaling'],
    ],
    ['two citations, in its order', '“annual_report” and [Annex II]', ['annual_report', 'Annex II']],
    ['a title in other case', 'the ANNEX ii', ['Annex II']],
    ['parts of words only', 'Someone is upscaling; Annex III; none, scalings', []],
    ['an id', 'see document id-5', ['C++ (draft)']],
    ['a title with signs', 'In C++ (draft) it says', ['C++ (draft)']],
    ['an escaped title', 'In annual\\_report it says', ['annual_report']],
    ['a title in a script without spaces', '根据报告的内容', ['报告']],
    ['letters with marks, in another form', 'Se Ælskede bøger'.normalize('NFD'), ['Ælskede bøger']],
  ])('hide none and are ordered when the answer names %s', (_what, answer, first) => {
    const calls = [found(...titles.map((title, index) => passage(`id-${index + 1}`, title)))];
    const rest = titles.filter((title) => !first.includes(title));
    expect(sourcesOf(null, calls, answer).map(({ title }) => title)).toEqual([...first, ...rest]);
  });

  it('are those that the server names, with the passages that were found in them', () => {
    const calls = [found(passage('1', 'One', 'A'), passage('2', 'Two'))];
    const named = [
      { title: 'A page', url: 'https://example.org/a?b=c' },
      { title: 'One', document_id: '1' },
      { title: 'Not of the web', url: 'javascript:alert(1)' },
    ];
    expect(sourcesOf(named, calls, 'See **One**.')).toEqual([
      {
        id: '1',
        title: 'One',
        isDocument: true,
        url: null,
        headings: ['A'],
        passage: '## H\n\n**Text** of\nOne',
      },
      {
        id: 'https://example.org/a?b=c',
        title: 'A page',
        isDocument: false,
        url: 'https://example.org/a?b=c',
        headings: [],
        passage: '',
      },
      {
        id: 'javascript:alert(1)',
        title: 'Not of the web',
        isDocument: false,
        url: null,
        headings: [],
        passage: '',
      },
    ]);
    expect(sourcesOf([], calls, '')).toEqual([]);
  });

  it.each([
    ['no result', search(null)],
    ['an error', search('{"passages":[{"document_id":"1","title":"t","text":"x"}]}', 'error')],
    ['text', search('Read it yourself')],
    ['broken JSON', search('{"passages":[')],
    ['other JSON', search('{"passages":{"a":1}}')],
    [
      'strange passages',
      search('{"passages":[1,null,{"title":"t"},{"document_id":"1","title":2,"text":"x"}]}'),
    ],
  ])('are empty in %s', (_what, call) => {
    expect(sourcesOf(null, [call], '')).toEqual([]);
  });
});

describe('the text of a passage', () => {
  it.each([
    [
      '**Set** `MONGODB_URI` or MONGODB_URI, _not_ `__init__`',
      'Set MONGODB_URI or MONGODB_URI, not __init__',
    ],
    ['class __init__ and snake_case_name', 'class __init__ and snake_case_name'],
    ['| Name | Value |\n| --- | ---: |\n| `A_B` | 1 |\n| C | **2** |', 'Name · Value; A_B · 1; C · 2'],
    ['| A_B | 1 |\n| C | 2 |', 'A_B · 1; C · 2'],
    ['| --- | --- |\n| C | 2 |', 'C · 2'],
    [
      'See [the guide](https://example.com/a_b) and <https://example.org>.',
      'See the guide and https://example.org.',
    ],
    ['Cut off in [a link](https://exam', 'Cut off in a link'],
    ['![A chart](x.png) shows', 'A chart shows'],
    ['# Head\n\nText\n\n---\n\nMore', 'Text More'],
    ['# Only a head', 'Only a head'],
    ['- one\n- two\n  - three', 'one; two three'],
    ['> quoted\n> text', 'quoted text'],
    ['a <b>bold</b> x<br>y', 'a bold x y'],
    ['2 * 3 * 4 = 24, a > b, #1, x | y', '2 * 3 * 4 = 24, a > b, #1, x | y'],
    ['```sh\nexport A_B=1 # no\n```', 'export A_B=1 # no'],
    ['A[^1].\n\n[^1]: Note', 'A.'],
    ['', ''],
  ])('%j is %j', (markdown, text) => {
    expect(plainText(markdown)).toBe(text);
  });
});
