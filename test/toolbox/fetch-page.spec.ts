import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { until } from '../support/until.js';
import { hangs, openToolbox, redirects, sends, Site, type Toolbox } from './support.js';

const ARTICLE = `<!doctype html><html lang="da"><head><title>Klimaregnskab &amp; tal</title>
  <meta name="description" content="Hvad der skal med."></head><body>
  <nav><a href="/">Forside</a><a href="/om">Om os</a></nav>
  <article><h1>Klimaregnskab</h1>
  ${'<p>Et klimaregnskab viser udledningen, se <a href="/metode">metoden</a>, og hvad en virksomhed kan gøre.</p>'.repeat(12)}
  <ul><li>Scope 1</li><li>Scope 2</li></ul>
  <p>Læs <a href="javascript:alert(1)">mere</a>.</p></article>
  <script>window.secret = 'not to be read'</script></body></html>`;

let site: Site;
let toolbox: Toolbox;
beforeAll(async () => {
  site = await Site.start();
  toolbox = await openToolbox({
    TOOLBOX: 'fetch_page',
    FETCH_ALLOW_HOSTS: site.host,
    FETCH_MAX_BYTES: '100000',
  });
});
afterAll(async () => {
  await toolbox.close();
  await site.stop();
});

/** What the tool makes of one answer. */
async function read(...answer: Parameters<typeof sends>): Promise<any> {
  site.answers['/page'] = sends(...answer);
  return (await toolbox.call('fetch_page', { url: site.url('/page') })).json;
}

async function fault(url: string): Promise<string> {
  const { code, message } = await toolbox.fault('fetch_page', { url });
  expect(message).toMatch(/^\S.*\.$/s);
  return code;
}

describe('a page', () => {
  it('is read as Markdown of its main part, with its source', async () => {
    site.answers['/a'] = sends(ARTICLE);
    const { json, summary, sources } = await toolbox.call('fetch_page', { url: site.url('/a#part') });
    const page = json as any;
    expect(page).toMatchObject({
      url: site.url('/a'),
      title: 'Klimaregnskab & tal',
      description: 'Hvad der skal med.',
    });
    expect(page.content).toContain(`[metoden](${site.url('/metode')})`);
    expect(page.content).toContain('-   Scope 1');
    for (const absent of ['Forside', 'not to be read', 'javascript:'])
      expect(page.content).not.toContain(absent);
    expect(page.word_count).toBeGreaterThan(150);
    expect(summary).toBe(`Read Klimaregnskab & tal (${page.word_count} words)`);
    expect(sources).toEqual([{ title: 'Klimaregnskab & tal', url: site.url('/a') }]);
    expect(toolbox.progress).toContain(`Reading ${site.url('/a#part')}`);
  });

  it('is read part by part, without a gap', async () => {
    site.answers['/long'] = sends('0123456789'.repeat(55), 'text/plain');
    let whole = '';
    for (let offset: number | undefined = 0; offset !== undefined;) {
      const { json } = await toolbox.call('fetch_page', { url: site.url('/long'), max_length: 100, offset });
      const part = json as { content: string; next_offset?: number };
      whole += part.content;
      offset = part.next_offset;
    }
    expect(whole).toBe('0123456789'.repeat(55));
  });

  it.each([
    ['text', 'plain <b>words</b>', 'text/plain', 'plain <b>words</b>'],
    ['JSON', '{"a":1}', 'application/json', '{"a":1}'],
    ['an API', '{"a":1}', 'application/vnd.api+json', '{"a":1}'],
    ['no type, HTML', '<!doctype html><title>t</title><p>words', '', 'words'],
    ['no type, text', 'words', '', 'words'],
    ['little HTML', '<p>one</p><p>two</p>', 'text/html', 'one\ntwo'],
    ['nothing', '', 'text/html', ''],
    ['text alone', 'only text', 'text/html', 'only text'],
  ])('may be %s', async (_what, body, type, content) => {
    expect(await read(body, type)).toMatchObject({ content });
  });

  it.each([
    ['header', Buffer.from('caf\xe9 \x93x\x94', 'latin1'), 'text/plain; charset="windows-1252"', 'café “x”'],
    ['meta', Buffer.from('<meta charset=iso-8859-2><p>\xb1', 'latin1'), 'text/html', 'ą'],
    ['byte order mark', Buffer.from('\ufeffgrün', 'utf16le'), 'text/plain; charset=latin1', 'grün'],
    ['Shift_JIS', Buffer.from([0x93, 0xfa, 0x96, 0x7b]), 'text/plain; charset=Shift_JIS', '日本'],
    ['unknown label', Buffer.from('grün'), 'text/html; charset=nonsense', 'grün'],
    ['broken UTF-8', Buffer.from([0x61, 0xff, 0x62]), 'text/plain', 'a\ufffdb'],
  ])('is decoded by its %s', async (_what, body, type, content) => {
    expect(await read(body, type)).toMatchObject({ content });
  });

  it.each([
    ['gzip', gzipSync('words')],
    ['x-gzip', gzipSync('words')],
    ['br', brotliCompressSync('words')],
    ['deflate', deflateSync('words')],
    ['identity', Buffer.from('words')],
  ])('is decompressed: %s', async (encoding, body) => {
    expect(await read(body, 'text/plain', { 'content-encoding': encoding })).toMatchObject({
      content: 'words',
    });
  });

  it('loses what people cannot see', async () => {
    const tags = String.fromCodePoint(0xe0041, 0xe0042);
    const page = await read(`a\0b\u202Ec\u200Bd${tags}e\x1b[31m 👩‍👧\r\nf`, 'text/plain; charset=utf-8');
    expect(page.content).toBe('abcde[31m 👩‍👧\nf');
  });
});

describe('what cannot be read has a sentence and a code', () => {
  it.each([
    ['ftp://example.com/', 'invalid_url'],
    ['file:///etc/passwd', 'invalid_url'],
    ['javascript:alert(1)', 'invalid_url'],
    ['data:text/plain,x', 'invalid_url'],
    ['example.com', 'invalid_url'],
    ['http://', 'invalid_url'],
    ['http://user:password@example.com/', 'invalid_url'],
    ['http://example.com:25/', 'invalid_url'],
    ['http://nobody.invalid/', 'host_not_found'],
  ])('%s', async (url, code) => {
    expect(await fault(url)).toBe(code);
  });

  it.each([
    ['image/png', {}, 'unsupported_type'],
    ['application/pdf', {}, 'unsupported_type'],
    ['application/octet-stream', {}, 'unsupported_type'],
    ['text/plain', { 'content-encoding': 'zstd' }, 'unreadable_page'],
    ['text/plain', { 'content-encoding': 'gzip, gzip' }, 'unreadable_page'],
    ['text/plain', { 'content-encoding': 'gzip' }, 'unreadable_page'],
    ['text/plain', { 'content-encoding': 'br' }, 'unreadable_page'],
  ])('%s %j', async (type, headers, code) => {
    site.answers['/x'] = sends('no such thing', type, headers);
    expect(await fault(site.url('/x'))).toBe(code);
  });

  it.each([304, 404, 410, 500])('HTTP %d', async (status) => {
    site.answers['/x'] = (_request, response) => response.writeHead(status).end('x');
    expect(await fault(site.url('/x'))).toBe('http_status');
  });

  it('a body larger than the limit, declared or not', async () => {
    site.answers['/x'] = sends('x'.repeat(100_001), 'text/plain');
    expect(await fault(site.url('/x'))).toBe('too_large');
    site.answers['/x'] = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const more = (): void => {
        if (response.write('x'.repeat(10_000))) setImmediate(more);
        else response.once('drain', more);
      };
      more();
      response.once('close', () => response.removeAllListeners('drain'));
    };
    expect(await fault(site.url('/x'))).toBe('too_large');
  });

  it('a small body that grows when it is decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(bomb.length).toBeLessThan(100_000);
    site.answers['/x'] = sends(bomb, 'text/plain', { 'content-encoding': 'gzip' });
    expect(await fault(site.url('/x'))).toBe('too_large');
  });

  it('a connection that breaks', async () => {
    site.answers['/x'] = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '100' }).write('half', () => {
        response.destroy();
      });
    };
    expect(await fault(site.url('/x'))).toBe('unreachable');
    site.answers['/x'] = (request) => request.socket.destroy();
    expect(await fault(site.url('/x'))).toBe('unreachable');
    site.answers['/x'] = (request) => request.socket.end('no HTTP at all');
    expect(await fault(site.url('/x'))).toBe('unreachable');
  });

  it('redirects without an end, to other schemes, to nowhere', async () => {
    site.answers['/x'] = redirects('/x');
    expect(await fault(site.url('/x'))).toBe('too_many_redirects');
    site.answers['/x'] = redirects('file:///etc/passwd');
    expect(await fault(site.url('/x'))).toBe('invalid_url');
    site.answers['/x'] = redirects('http://[broken');
    expect(await fault(site.url('/x'))).toBe('invalid_url');
  });
});

describe('time and abort', () => {
  it('gives up on a site that does not answer, or stops in the middle', async () => {
    const hasty = await openToolbox({
      TOOLBOX: 'fetch_page',
      FETCH_ALLOW_HOSTS: site.host,
      TOOLBOX_TIMEOUT_MS: '150',
    });
    site.answers['/x'] = hangs;
    expect((await hasty.fault('fetch_page', { url: site.url('/x') })).code).toBe('timed_out');
    site.answers['/x'] = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).write('half');
    };
    expect((await hasty.fault('fetch_page', { url: site.url('/x') })).code).toBe('timed_out');
    await until('the connections are closed', async () => (await site.open()) === 0);
    await hasty.close();
  });

  it('ends with the call, and closes its connection', async () => {
    site.answers['/x'] = hangs;
    const end = new AbortController();
    const call = toolbox.call('fetch_page', { url: site.url('/x') }, end.signal);
    await until('the site is asked', async () => (await site.open()) === 1);
    end.abort(new Error('cancelled'));
    await expect(call).rejects.toThrow('cancelled');
    await until('the connection is closed', async () => (await site.open()) === 0);
    await expect(toolbox.call('fetch_page', { url: site.url('/x') }, end.signal)).rejects.toThrow(
      'cancelled',
    );
  });
});

describe('pages built to cost much', () => {
  it.each([
    ['nested deeply', '<div>'.repeat(19_000)],
    ['many attributes', `<p ${Array.from({ length: 9000 }, (_, n) => `a${n}=1`).join(' ')}>`],
    ['never closed', '<b><i><a>'.repeat(9000)],
    ['a table in a table', '<table><tr><td>'.repeat(5000)],
  ])('%s: the text is found anyway', async (_what, start) => {
    expect((await read(`<title>t</title><p>words</p>${start}`, 'text/html')).content).toContain('words');
  });
});
