import { randomBytes } from 'node:crypto';
import { RepriseClient } from '@reprise/client';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.js';
import { Client, type Created } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { servePage } from '../support/serve-page.js';
import { cleanUpServers, ServerProcess } from '../support/server-process.js';
import { testMongoUri } from '../support/app.js';
import { until, within } from '../support/until.js';
import { Nginx } from './nginx.js';

const PAGE = new URL('eventsource-page.html', import.meta.url);

/** What the page has seen. */
interface Seen {
  ids: string[];
  types: string[];
  errors: number;
  state: number;
}

describe('a browser behind nginx', () => {
  let model: ScriptedModel;
  let server: ServerProcess;
  let nginx: Nginx;
  let browser: Browser;
  let site: { url: string; stop(): Promise<void> };
  let client: Client;
  beforeAll(async () => {
    model = await ScriptedModel.start();
    server = await ServerProcess.start({
      env: {
        ...model.env,
        MONGODB_URI: testMongoUri(),
        MONGODB_DATABASE: `test_${randomBytes(6).toString('hex')}`,
        CORS_ORIGINS: '*',
        RUN_LEASE_MS: '1000',
        STREAM_RETRY_MS: '50',
        STREAMS_MAX: '2',
      },
    });
    nginx = await Nginx.start([server.port]);
    client = new Client(nginx.url);
    browser = await openBrowser();
    site = await servePage(PAGE);
  });
  afterAll(async () => {
    await browser.close();
    await site.stop();
    await nginx.destroy();
    await cleanUpServers();
    await model.stop();
  });
  beforeEach(async () => {
    if (!server.isAlive) await server.restart();
  });

  /** A page on another origin whose EventSource follows a stream through nginx. */
  async function follow(created: Created): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(`${site.url}/?${encodeURIComponent(nginx.url + created.stream_url)}`);
    return page;
  }
  const seenBy = (page: Page): Promise<Seen> => page.evaluate('seen()');
  const untilSeen = (page: Page, what: string, check: (seen: Seen) => boolean): Promise<unknown> =>
    until(what, async () => check(await seenBy(page)));

  it('receives the rest of a run when the only server was killed and comes back', async () => {
    const created = await client.send(await client.newChat(), 'restart?');
    const turn = (await model.next('restart?')).text('before. ');
    const page = await follow(created);
    await untilSeen(page, 'the beginning is there', ({ types }) => types.includes('content'));
    const before = (await seenBy(page)).errors;

    await server.kill9();
    await within('the model is left', turn.hungUp);
    // One when the connection breaks, the others when nobody answers behind nginx.
    await untilSeen(page, 'it has come back in vain', ({ errors }) => errors >= before + 3);
    expect((await seenBy(page)).state).toBe(0); // connecting, not closed
    await server.restart();
    (await model.next()).text('after.').finish();
    await untilSeen(page, 'the end is there', ({ types }) => types.includes('end'));

    const seen = await seenBy(page);
    const log = await client.replay(created.message_id);
    expect(seen.ids).toEqual(log.map(({ id }) => id));
    await untilSeen(page, 'it has stopped', ({ state }) => state === 2); // by the 204 after `end`
    await page.close();
  });

  it('reconnects if the server has no room for its stream', async () => {
    const created = await client.send(await client.newChat(), 'room?');
    const turn = (await model.next('room?')).text('words');
    const others = await Promise.all([client.stream(created), client.stream(created)]);
    const page = await follow(created);
    await untilSeen(page, 'it was refused', ({ errors }) => errors >= 1);
    expect((await seenBy(page)).state).toBe(0);
    for (const other of others) void other.close();
    turn.finish();
    await untilSeen(page, 'the end is there', ({ types }) => types.includes('end'));
    await page.close();
  });

  it('gives up if reconnecting is useless', async () => {
    const created = await client.send(await client.newChat(), 'gone?');
    (await model.next('gone?')).text('x').finish();
    const page = await follow({
      ...created,
      stream_url: created.stream_url.replace(/.{24}\/stream/, `${'0'.repeat(24)}/stream`),
    });
    await untilSeen(page, 'it has stopped', ({ state }) => state === 2);
    expect(await seenBy(page)).toMatchObject({ ids: [], errors: 1 });
    await page.close();
  });

  describe('other clients', () => {
    let created: Created;
    beforeAll(async () => {
      created = await client.send(await client.newChat(), 'json?');
    });
    const ask = (path: string, headers = {}) => fetch(nginx.url + path, { headers });

    it('learn of a full server by its code', async () => {
      const turn = await model.next('json?');
      const readers = await Promise.all([client.stream(created), client.stream(created)]);
      for (const headers of [{}, { accept: 'application/json' }]) {
        const response = await ask(created.stream_url, headers);
        expect(response.status).toBe(503);
        expect(await response.json()).toMatchObject({ code: 'too_many_streams' });
      }
      for (const reader of readers) void reader.close();
      turn.text('x').finish();
      expect((await client.ended(created)).at(-1)?.type).toBe('end');
    });

    it('learn of a dead server by the status', async () => {
      await server.kill9();
      const paths = [created.stream_url, `/api/messages/${created.message_id}`, '/health'];
      for (const path of paths) expect((await ask(path)).status).toBe(502);
      const json = await ask(`/api/messages/${created.message_id}`, { accept: 'text/event-stream' });
      expect(json.status).toBe(502);
      const stream = await ask(created.stream_url, {
        accept: 'text/event-stream',
        origin: 'http://a.example',
      });
      expect(stream.status).toBe(200);
      expect(Object.fromEntries(stream.headers)).toMatchObject({
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'access-control-allow-origin': 'http://a.example',
        'access-control-allow-credentials': 'true',
      });
      expect(await stream.text()).toMatch(/^: .*\nretry: (1000|1500|2000|2500)\n\n$/);
    });
  });

  it('include libs/client, which is no worse off', async () => {
    const created = await client.send(await client.newChat(), 'client?');
    const turn = (await model.next('client?')).text('before. ');
    const waits: string[] = [];
    const hangUp = new AbortController();
    const events = new RepriseClient({ baseUrl: nginx.url, longestWaitMs: 200 }).follow(created, {
      signal: hangUp.signal,
      onConnection: (connection) => {
        if (connection.state === 'waiting') waits.push(connection.error.code);
      },
    });
    const ids: string[] = [];
    const reading = (async () => {
      for await (const { id } of events) ids.push(id);
    })();
    try {
      await until('the beginning is there', () => ids.length > 0);
      await server.kill9();
      await within('the model is left', turn.hungUp);
      await until('it has come back in vain', () => waits.length >= 3);
      await server.restart();
      (await model.next()).text('after.').finish();
      await within('the run ends', reading);
      expect(ids).toEqual((await client.replay(created.message_id)).map(({ id }) => id));
    } finally {
      hangUp.abort();
    }
  });
});
