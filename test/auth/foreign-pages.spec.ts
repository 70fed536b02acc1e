import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.js';
import { openBrowser } from '../support/browser.js';
import { Client, openDatabase, type Database } from '../support/client.js';

/** What a page gets when it tries: a status, or `failed` if its browser hides the answer. */
type Outcome = number | 'failed';

describe('a foreign page in a real browser', () => {
  let app: TestApp;
  let foreign: Server;
  let browser: Browser;
  let database: Database;
  let port: number;
  beforeAll(async () => {
    foreign = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<p>A page'));
    await once(foreign.listen(0, '127.0.0.1'), 'listening');
    ({ port } = foreign.address() as AddressInfo);
    app = await startTestApp();
    // The attacker's name server answers 127.0.0.1 for these names.
    browser = await openBrowser(['--host-resolver-rules=MAP *.evil.example 127.0.0.1']);
    database = await openDatabase(app);
    await new Client(app.url).newChat('alice');
  });
  afterAll(async () => {
    await browser.close();
    await database.close();
    await app.destroy();
    foreign.close();
    foreign.closeAllConnections();
  });

  const stored = async (): Promise<number[]> =>
    Promise.all(
      ['users', 'chats', 'messages', 'documents'].map((name) =>
        database.connection.collection(name).countDocuments(),
      ),
    );

  async function onPage<A>(
    url: string,
    work: (argument: A) => Promise<Outcome>,
    argument: A,
  ): Promise<Outcome> {
    const page = await browser.newPage();
    await page.goto(url);
    const outcome = await page.evaluate(work as (argument: unknown) => Promise<Outcome>, argument);
    await page.close();
    return outcome;
  }

  const post = ({ to, mode }: { to: string; mode: 'cors' | 'no-cors' }): Promise<Outcome> =>
    fetch(to, { method: 'POST', mode }).then(
      ({ status }) => status,
      () => 'failed',
    );

  it.each([
    ['another port', () => `http://127.0.0.1:${port}/`],
    ['another loopback name', () => `http://localhost:${port}/`],
    ['another name that leads here', () => `http://www.evil.example:${port}/`],
  ])('on %s creates nothing by a request without a body', async (_, at) => {
    const before = await stored();
    const to = `${app.url}/api/users/alice/chats`;
    for (const mode of ['no-cors', 'cors'] as const)
      expect(await onPage(at(), post, { to, mode })).toBe('failed'); // it was sent, and the answer is kept from the page
    expect(await stored()).toEqual(before);
  });

  it('creates nothing by a form, nor a user by an image', async () => {
    const before = await stored();
    const page = await browser.newPage();
    await page.goto(`http://localhost:${port}/`);
    await page.setContent(`<form method="post" action="${app.url}/api/users/alice/chats"></form>
      <img src="${app.url}/api/users/mallory">`);
    const answered = page.waitForResponse((response) => response.url().endsWith('/alice/chats'));
    await page.evaluate('document.forms[0].submit()');
    expect((await answered).status()).toBe(403);
    await page.close();
    expect(await stored()).toEqual(before);
  });

  it('that has rebound its name reads nothing and changes nothing', async () => {
    const before = await stored();
    const rebound = `http://api.evil.example:${new URL(app.url).port}`;
    const page = await browser.newPage();
    expect((await page.goto(`${rebound}/`))?.status()).toBe(421);
    const outcomes = await page.evaluate(async (url) => {
      const paths = ['/api/users/alice/chats', '/api/documents', '/api/agents', '/health', '/metrics', '/'];
      const get = await Promise.all(paths.map(async (path) => (await fetch(url + path)).status));
      const posted = await fetch(`${url}/api/users/alice/chats`, { method: 'POST' });
      return [...get, posted.status];
    }, rebound);
    expect(outcomes).toEqual(outcomes.map(() => 421));
    await page.close();
    expect(await stored()).toEqual(before);
  });

  it('our own page still creates chats', async () => {
    const to = `${app.url}/api/users/alice/chats`;
    expect(await onPage(`${app.url}/api/docs`, post, { to, mode: 'cors' as const })).toBe(201);
  });
});
