import type { ToolCallRecord } from '@reprise/client';
import { sourcesOf } from '../src/chat/sources.js';

const search = (result: string | null, status: ToolCallRecord['status'] = 'ok'): ToolCallRecord => ({
  call_id: 'c',
  name: 'search_tender_corpus',
  arguments: '{}',
  result,
  status,
  ms: 1,
  started_at: '',
  ended_at: null,
});
const found = (...passages: object[]): ToolCallRecord => search(JSON.stringify({ passages }));
const passage = (document_id: string, title: string, heading?: string): object => ({
  document_id,
  title,
  text: `## H\n\n**Text** of\n${title}`,
  ...(heading !== undefined && { heading }),
});

describe('sources', () => {
  it('are each document once, with what was found in it', () => {
    const calls = [
      found(passage('1', 'One', 'A'), passage('1', 'One', 'B')),
      found(passage('2', 'Two'), passage('1', 'One', 'A')),
    ];
    expect(sourcesOf(calls, '')).toEqual([
      { documentId: '1', title: 'One', headings: ['A', 'B'], excerpt: 'Text of One', isNamed: false },
      { documentId: '2', title: 'Two', headings: [], excerpt: 'Text of Two', isNamed: false },
    ]);
  });

  it('are those that the answer names, if it names any', () => {
    const calls = [found(passage('1', 'One'), passage('2', 'Annex II'))];
    expect(sourcesOf(calls, 'As Annex II says').map(({ title }) => title)).toEqual(['Annex II']);
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
  ])('are none in %s', (_what, call) => {
    expect(sourcesOf([call], '')).toEqual([]);
  });
});
