import { hangs, json, openToolbox, sends, Site, type Answer } from './support.js';

const KEY = 'tvly-0123456789abcdef';

/** Answers in the shape of each engine, abridged from what it really sends. */
const SERPER = {
  searchParameters: { q: 'co2', type: 'search', num: 2, engine: 'google' },
  organic: [
    {
      title: 'Climate <b>account</b>',
      link: 'https://a.example/1',
      snippet: 'About\u202E CO2.',
      position: 1,
      date: '3 May 2026',
    },
    { title: 'Bad link', link: 'javascript:alert(1)', snippet: '', position: 2 },
    { title: '', link: 'https://b.example/', position: 3 },
    { title: 'Third', link: 'https://c.example/', snippet: 'more', position: 4 },
  ],
  credits: 1,
};
const TAVILY = {
  query: 'co2',
  answer: null,
  images: [],
  results: [
    {
      title: 'Climate <b>account</b>',
      url: 'https://a.example/1',
      content: 'About\u202E CO2.',
      score: 0.9,
      raw_content: null,
      published_date: '3 May 2026',
    },
    { title: 'Bad link', url: 'file:///etc/passwd', content: '', score: 0.5 },
    { title: null, url: 'https://b.example/', score: 0.4 },
    { title: 'Third', url: 'https://c.example/', content: 'more', score: 0.3 },
  ],
  response_time: 1.09,
};
const SEARXNG = {
  query: 'co2',
  number_of_results: 0,
  results: [
    {
      url: 'https://a.example/1',
      title: 'Climate <b>account</b>',
      content: 'About\u202E CO2.',
      publishedDate: '3 May 2026',
      engine: 'duckduckgo',
      score: 1,
    },
    { url: 'https://user:password@d.example/', title: 'With a password', content: '' },
    { url: 'https://b.example/', title: '', engine: 'bing' },
    { url: 'https://c.example/', title: 'Third', content: 'more', publishedDate: null },
  ],
  answers: [],
  unresponsive_engines: [],
};

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.stop());

async function toolbox(provider: string, env: Record<string, string> = {}) {
  return openToolbox({
    WEB_SEARCH_PROVIDER: provider,
    WEB_SEARCH_API_KEY: KEY,
    WEB_SEARCH_URL: `${site.url()}/`,
    FETCH_ALLOW_HOSTS: site.host,
    ...env,
  });
}

describe('action search', () => {
  it.each([
    ['serper', SERPER, { method: 'POST', body: '{"q":"co2","num":2}' }, { 'x-api-key': KEY }],
    [
      'tavily',
      TAVILY,
      { method: 'POST', body: '{"query":"co2","max_results":2,"search_depth":"basic"}' },
      { authorization: `Bearer ${KEY}` },
    ],
    ['searxng', SEARXNG, { method: 'GET', body: '' }, {}],
  ])('asks %s and gives its results with sources', async (provider, answer, asked, headers) => {
    site.answers['/search'] = json(answer);
    const tools = await toolbox(provider);
    const result = await tools.call('web_search', { action: 'search', query: ' co2 ', num_results: 2 });
    expect(result).toEqual({
      json: {
        query: 'co2',
        results: [
          {
            title: 'Climate <b>account</b>',
            url: 'https://a.example/1',
            snippet: 'About CO2.',
            date: '3 May 2026',
          },
          { title: 'https://b.example/', url: 'https://b.example/', snippet: '' },
        ],
      },
      summary: '2 results for co2',
      sources: [
        { title: 'Climate <b>account</b>', url: 'https://a.example/1' },
        { title: 'https://b.example/', url: 'https://b.example/' },
      ],
    });
    const request = site.asked.at(-1)!;
    expect(request).toMatchObject({ ...asked, headers });
    if (provider === 'searxng')
      expect(Object.fromEntries(request.url.searchParams)).toEqual({ q: 'co2', format: 'json' });
    expect(tools.progress).toEqual(['Searching the web for co2']);
    await tools.close();
  });

  it.each([
    ['serper', { organic: [] }],
    ['serper', { searchParameters: {} }],
    ['tavily', { results: [] }],
    ['searxng', { results: [] }],
  ])('%s: finding nothing is an answer', async (provider, answer) => {
    site.answers['/search'] = json(answer);
    const tools = await toolbox(provider);
    const result = await tools.call('web_search', { action: 'search', query: 'x' });
    expect(result).toMatchObject({ json: { results: [] }, summary: 'Found nothing', sources: [] });
    await tools.close();
  });

  const wrong: [string, Answer, string][] = [
    ['a wrong key', json({ detail: { error: `Unauthorized: ${KEY} is invalid` } }, 401), 'not_authorized'],
    ['JSON switched off', sends('Forbidden', 'text/html'), 'unreadable_answer'],
    ['a ban', json({}, 403), 'not_authorized'],
    ['too many requests', json({}, 429), 'rate_limited'],
    ['a fault of the engine', json({ error: 'x' }, 500), 'unreachable'],
    [
      'a redirect',
      (_request, response) => response.writeHead(302, { location: 'https://evil.example/' }).end(),
      'unreachable',
    ],
    ['a refused query', json({ message: `bad query for key=${KEY}` }, 400), 'rejected'],
    ['no JSON', sends('<html>', 'application/json'), 'unreadable_answer'],
    ['other JSON', json([1, 2]), 'unreadable_answer'],
    ['results that are no list', json({ results: { a: 1 }, organic: 'x' }), 'unreadable_answer'],
    ['50 MB', sends(Buffer.alloc(50_000_000, 'x'), 'application/json'), 'too_large'],
    ['a broken connection', (request) => request.socket.destroy(), 'unreachable'],
    ['silence', hangs, 'timed_out'],
  ];
  it.each(wrong)('%s: says so, never the key', async (_what, answer, code) => {
    site.answers['/search'] = answer;
    const tools = await toolbox('tavily', code === 'timed_out' ? { TOOLBOX_TIMEOUT_MS: '300' } : {});
    const error = await tools.fault('web_search', { action: 'search', query: 'x' });
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^\S.*\.$|: .+$/);
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain(KEY);
    await tools.close();
  });

  it('ends with the call', async () => {
    site.answers['/search'] = hangs;
    const tools = await toolbox('serper');
    const end = new AbortController();
    const call = tools.call('web_search', { action: 'search', query: 'x' }, end.signal);
    end.abort(new Error('cancelled'));
    await expect(call).rejects.toThrow('cancelled');
    await tools.close();
  });
});

describe('action fetch', () => {
  it('reads a page as fetch_page does, with its guard', async () => {
    site.answers['/page'] = sends('<title>Page</title><p>words', 'text/html');
    const tools = await toolbox('searxng');
    const result = await tools.call('web_search', { action: 'fetch', url: site.url('/page') });
    expect(result).toMatchObject({
      json: { url: site.url('/page'), title: 'Page', content: 'words', word_count: 1 },
      sources: [{ title: 'Page', url: site.url('/page') }],
    });
    const error = await tools.fault('web_search', { action: 'fetch', url: 'http://127.0.0.1:9999/' });
    expect(error.code).toBe('address_not_public');
    await tools.close();
  });
});

describe('arguments', () => {
  it.each([
    [{}, 'action'],
    [{ action: 'search' }, 'query'],
    [{ action: 'search', query: ' ' }, 'query'],
    [{ action: 'search', query: 'x'.repeat(401) }, 'query'],
    [{ action: 'search', query: 'x', num_results: 21 }, 'num_results'],
    [{ action: 'fetch' }, 'url'],
    [{ action: 'images', query: 'x' }, 'action'],
  ])('%j are refused', async (args, named) => {
    const tools = await toolbox('serper');
    const error = await tools.fault('web_search', args);
    expect(error.code).toBe('invalid_arguments');
    expect(error.message).toContain(named);
    await tools.close();
  });
});
