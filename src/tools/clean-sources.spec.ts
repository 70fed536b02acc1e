import { cleanSources } from './clean-sources.js';
import type { ToolSource } from './tool.js';

const clean = (...sources: unknown[]): ToolSource[] => cleanSources(sources as ToolSource[], 3);

describe('sources of tools', () => {
  it.each<[string, unknown, ToolSource | undefined]>([
    ['a document', { title: 'A', document_id: '1' }, { title: 'A', document_id: '1' }],
    ['a page', { title: 'A', url: 'https://a.org' }, { title: 'A', url: 'https://a.org/' }],
    ['more than is known', { title: 'A', score: 1 }, { title: 'A' }],
    ['a title of several lines', { title: ' A\n\tB ' }, { title: 'A B' }],
    ['a title that cannot be stored', { title: 'A\0\uD800' }, { title: 'A\uFFFD' }],
    ['a long title', { title: 'x'.repeat(400) }, { title: `${'x'.repeat(299)}…` }],
    [
      'no title, but an address',
      { url: 'https://a.org/b' },
      { title: 'https://a.org/b', url: 'https://a.org/b' },
    ],
    ['no title, but an id', { title: ' ', document_id: '1' }, { title: '1', document_id: '1' }],
    ['a script', { title: 'A', url: 'javascript:alert(1)' }, { title: 'A' }],
    ['a file', { title: 'A', url: 'file:///etc/passwd' }, { title: 'A' }],
    ['a password', { title: 'A', url: 'https://u:p@a.org' }, { title: 'A' }],
    ['no address', { title: 'A', url: 'see there' }, { title: 'A' }],
    ['a huge address', { title: 'A', url: `https://a.org/${'x'.repeat(2000)}` }, { title: 'A' }],
    ['other types', { title: 1, url: {}, document_id: [] }, undefined],
    ['nothing', {}, undefined],
  ])('with %s', (_, given, wanted) => {
    expect(clean(given)).toEqual(wanted ? [wanted] : []);
  });

  it('are named once, the first ones', () => {
    const page = { title: 'Page', url: 'https://a.org/' };
    const document = { title: 'A', document_id: '1' };
    expect(clean(page, document, { title: 'Other words', document_id: '1' }, page)).toEqual([page, document]);
    expect(clean(...['A', 'B', 'C', 'D'].map((title) => ({ title }))).map(({ title }) => title)).toEqual([
      ...['A', 'B', 'C'],
    ]);
  });
});
