import { startTestApp, type TestApp } from '../support/app.js';
import { answerOf, Client } from '../support/client.js';
import { calls, Provider, says } from '../support/provider.js';
import { openToolbox, sends, Site } from './support.js';

let site: Site;
let provider: Provider;
let app: TestApp;
beforeAll(async () => {
  site = await Site.start({ '/page': sends('<title>Tide table</title><p>High water at noon.', 'text/html') });
  provider = await Provider.start(
    calls('fetch_page', { url: site.url('/page') }),
    calls('fetch_page', { url: 'http://localhost:1/' }),
    says('High water is at noon.'),
  );
  app = await startTestApp({ ...provider.env, TOOLBOX: 'fetch_page', FETCH_ALLOW_HOSTS: site.host });
});
afterAll(async () => {
  await app.destroy();
  await provider.stop();
  await site.stop();
});

it('a run reads a page; its log says what was read and what was refused', async () => {
  const client = new Client(app.url);
  const sent = await client.send(await client.newChat(), 'When is high water?');
  const live = await client.ended(sent);
  const log = await client.replay(sent.message_id);
  expect(log).toEqual(live);
  expect(answerOf(log)).toBe('High water is at noon.');
  expect(log.filter(({ type }) => type === 'tool_end')).toEqual([
    expect.objectContaining({
      name: 'fetch_page',
      status: 'ok',
      result_summary: 'Read Tide table (4 words)',
      result: expect.objectContaining({ content: 'High water at noon.' }),
    }),
    expect.objectContaining({ name: 'fetch_page', status: 'error', error_code: 'invalid_url' }),
  ]);
  const told = provider.asked.at(-1)!.body.messages.filter(({ role }: { role: string }) => role === 'tool');
  expect(told).toHaveLength(2);
  expect(JSON.parse(told[0].content)).toMatchObject({
    url: site.url('/page'),
    content: 'High water at noon.',
  });
});

it('every tool is off until it is configured', async () => {
  const off = await openToolbox();
  expect(off.registry.list()).toEqual([]);
  await off.close();
});

it('says how each tool may be run', async () => {
  const tools = await openToolbox({
    TOOLBOX: 'weather,fetch_page,convert_currency,geocode,weather',
    WEB_SEARCH_PROVIDER: 'serper',
    WEB_SEARCH_API_KEY: 'key',
    SMTP_URL: 'smtp://127.0.0.1:1',
    EMAIL_FROM: 'a@b.example',
    EMAIL_RECIPIENTS: '*',
    IMAP_URL: 'imap://127.0.0.1:1',
    DATABASE_QUERY_URL: 'postgres://127.0.0.1:1/x',
  });
  const traits = tools.registry.list().map(({ name, label, approval, idempotent, timeout_ms }) => ({
    name,
    label,
    approval,
    idempotent,
    timeout_ms,
  }));
  const reads = { approval: false, idempotent: true, timeout_ms: 60_000 };
  expect(traits).toEqual([
    { name: 'convert_currency', label: 'Convert money', ...reads },
    { name: 'fetch_page', label: 'Read a web page', ...reads },
    { name: 'geocode', label: 'Find a place', ...reads },
    { name: 'query_database', label: 'Query the database', ...reads },
    { name: 'search_emails', label: 'Search e-mails', ...reads },
    { name: 'send_email', label: 'Send an e-mail', approval: true, idempotent: false, timeout_ms: 60_000 },
    { name: 'weather', label: 'Look up the weather', ...reads },
    { name: 'web_search', label: 'Search the web', ...reads },
  ]);
  await tools.close();
});
