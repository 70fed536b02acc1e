import { jest } from '@jest/globals';
import { EventSource } from 'eventsource';
import { RepriseClient } from '@reprise/client';
import type { StreamEvent } from '@reprise/protocol';
import { Clock } from '../../src/common/index.js';
import { StreamUrls } from '../../src/platform/http/index.js';
import { openBrowser } from '../support/browser.js';
import { Client } from '../support/client.js';
import { scopeOf } from '../support/scopes.js';
import { ServerProcess } from '../support/server-process.js';
import { SseReader } from '../support/sse.js';
import { testMongoUri } from '../support/app.js';
import { until } from '../support/until.js';
import { AuthStage, bearer, codeOf, SECRET } from './stage.js';
import { sharedToken } from './identity-provider.js';

let stage: AuthStage;
beforeAll(async () => {
  stage = await AuthStage.start();
});
afterAll(() => stage.stop());

const ticketOf = (streamUrl: string): string =>
  new URL(streamUrl, 'http://x').searchParams.get('ticket') ?? '';
const pathOf = (streamUrl: string): string => streamUrl.split('?')[0] ?? '';

describe('a ticket', () => {
  it('is part of every stream_url, and lets an EventSource read', async () => {
    const alice = await stage.as('alice');
    const asked = await stage.ask('alice', alice, 'ticket?');
    (await stage.model.next('ticket?')).text('Here.').finish();
    const types: string[] = [];
    const source = new EventSource(stage.app.url + asked.stream_url);
    for (const type of ['start', 'content', 'end']) source.addEventListener(type, () => types.push(type));
    await until('it is over', () => types.at(-1) === 'end');
    source.close();
    expect(types).toEqual(['start', 'content', 'end']);
    const { body } = await stage.client.get(`/api/messages/${asked.message_id}`, alice);
    expect(pathOf(body.stream_url)).toBe(pathOf(asked.stream_url));
    expect(ticketOf(body.stream_url)).toMatch(/^[\w-]+\.[\w-]{43}$/);
    const retried = await stage.client.post(`/api/messages/${asked.message_id}/retry`, undefined, alice);
    expect(ticketOf(retried.body.stream_url)).not.toBe('');
    (await stage.model.next('ticket?')).text('Again.').finish();
  });

  it('opens the stream and the events of its message, in any dialect, and nothing else', async () => {
    const alice = await stage.as('alice');
    const asked = await stage.ask('alice', alice, 'only?');
    const other = await stage.ask('alice', alice, 'other?');
    for (const question of ['only?', 'other?']) (await stage.model.next(question)).text('Yes.').finish();
    await (
      await SseReader.open(stage.app.url + asked.stream_url)
    ).ended;
    const ticket = ticketOf(asked.stream_url);
    const get = (path: string, method = 'GET') => stage.client.request(method, `${path}?ticket=${ticket}`);
    const events = await get(`/api/messages/${asked.message_id}/events`);
    expect(events.status).toBe(200);
    expect(events.body.length).toBeGreaterThan(2);
    for (const dialect of ['v1', 'v1-unnamed', 'ai-sdk'])
      expect((await stage.client.get(`${asked.stream_url}&dialect=${dialect}`)).status).toBe(200);
    expect((await get(pathOf(asked.stream_url), 'HEAD')).status).toBe(200);
    const upper = `/api/messages/${asked.message_id.toUpperCase()}/events`;
    expect((await get(upper)).status).toBe(200);

    expect(codeOf(await get(pathOf(other.stream_url)))).toEqual([401, 'ticket_invalid']);
    expect(codeOf(await get(`/api/messages/${other.message_id}/events`))).toEqual([401, 'ticket_invalid']);
    for (const path of [
      `/api/messages/${asked.message_id}`,
      `/api/messages/${asked.message_id}/tool-calls`,
      `/api/messages/${asked.message_id}/turns`,
      `/api/chats/${asked.chat_id}`,
      '/api/users/alice',
      '/api/session',
    ])
      expect([path, ...codeOf(await get(path))]).toEqual([path, 401, 'token_missing']);
    expect(codeOf(await get(`/api/messages/${asked.message_id}/cancel`, 'POST'))).toEqual([
      401,
      'token_missing',
    ]);
  });

  it.each<[string, (ticket: string) => string]>([
    ['nothing', () => ''],
    ['nonsense', () => 'nonsense'],
    ['only a signature', (ticket) => `.${ticket.split('.')[1]}`],
    ['no signature', (ticket) => ticket.split('.')[0] ?? ''],
    ['an empty signature', (ticket) => `${ticket.split('.')[0]}.`],
    ['a shorter signature', (ticket) => ticket.slice(0, -4)],
    ['another user', (ticket) => changed(ticket, { u: 'bob' })],
    ['any user', (ticket) => changed(ticket, { u: undefined })],
    ['another tenant', (ticket) => changed(ticket, { t: 'acme' })],
    ['a later time', (ticket) => changed(ticket, { i: Date.now() + 1e9 })],
    ['two tickets', (ticket) => `${ticket}&ticket=${ticket}`],
    ['the ticket in a list', (ticket) => `&ticket[]=${ticket}`],
  ])('that was made up is refused: %s', async (_, forge) => {
    const asked = await stage.ask('alice', await stage.as('alice'), 'forge?');
    (await stage.model.next('forge?')).text('No.').finish();
    const path = `${pathOf(asked.stream_url)}?ticket=${forge(ticketOf(asked.stream_url))}`;
    const answer = await stage.client.get(path);
    expect(answer.status).toBe(401);
    expect(['ticket_invalid', 'token_missing']).toContain(answer.body.code);
  });

  function changed(ticket: string, change: object): string {
    const [text = '', signature = ''] = ticket.split('.');
    const contents = { ...(JSON.parse(Buffer.from(text, 'base64url').toString()) as object), ...change };
    return `${Buffer.from(JSON.stringify(contents)).toString('base64url')}.${signature}`;
  }

  it('of somebody else does not lend its cookie: whose ticket it is decides', async () => {
    const asked = await stage.ask('alice', await stage.as('alice'), 'cookie?');
    (await stage.model.next('cookie?')).text('Crumbs.').finish();
    const cookie = async (sub: string): Promise<Record<string, string>> => ({
      cookie: `reprise_session=${await sharedToken(SECRET, sub)}`,
    });
    const bare = pathOf(asked.stream_url);
    expect((await stage.client.get(asked.stream_url, await cookie('bob'))).status).toBe(200);
    expect((await stage.client.get(bare, await cookie('alice'))).status).toBe(200);
    expect((await stage.client.get(`${bare}?ticket=old`, await cookie('alice'))).status).toBe(200);
    expect(codeOf(await stage.client.get(`${bare}?ticket=old`, await cookie('bob')))).toEqual([
      404,
      'message_not_found',
    ]);
  });
});

describe('the end of a ticket', () => {
  let brief: AuthStage;
  beforeAll(async () => {
    brief = await AuthStage.start({ TICKET_GRACE_MS: '1' });
  });
  afterAll(() => brief.stop());

  it('comes some time after the end of the run, however long that lasts; asking again renews it', async () => {
    const alice = await brief.as('alice');
    const asked = await brief.ask('alice', alice, 'long?');
    const turn = await brief.model.next('long?');
    const url = brief.app.url + asked.stream_url;
    const during = await SseReader.open(url); // long after its millisecond
    turn.text('At last.').finish();
    await during.ended;
    expect(during.events.at(-1)?.type).toBe('end');
    const expired = await until('it has expired', async () => {
      const answer = await brief.client.get(asked.stream_url);
      return answer.status === 401 ? answer : undefined;
    });
    expect(expired.body.code).toBe('ticket_expired');
    const { body } = await stage.client.get('/api/session', alice);
    expect(body.user_id).toBe('alice');
  });

  it('of an old message comes some time after it was issued', async () => {
    const alice = await stage.as('alice');
    const asked = await stage.ask('alice', alice, 'old?');
    (await stage.model.next('old?')).text('Old.').finish();
    await (
      await SseReader.open(stage.app.url + asked.stream_url)
    ).ended;
    const urls = stage.app.nest.get(StreamUrls);
    const issued = (ago: number): string =>
      at(ago, () => urls.of(scopeOf('alice'), asked.chat_id, asked.message_id));
    await shiftEnd(asked.message_id, 3_600_000);
    expect((await stage.client.get(issued(299_000))).status).toBe(200);
    expect(codeOf(await stage.client.get(issued(301_000)))).toEqual([401, 'ticket_expired']);
  });

  it('comes after a day in any case', async () => {
    const alice = await stage.as('alice');
    const asked = await stage.ask('alice', alice, 'day?');
    const turn = await stage.model.next('day?');
    const urls = stage.app.nest.get(StreamUrls);
    const url = at(86_400_001, () => urls.of(scopeOf('alice'), asked.chat_id, asked.message_id));
    expect(codeOf(await stage.client.get(url))).toEqual([401, 'ticket_expired']);
    const soon = at(86_399_000, () => urls.of(scopeOf('alice'), asked.chat_id, asked.message_id));
    const reader = await SseReader.open(stage.app.url + soon);
    await reader.ended; // while the run goes on
    expect(reader.events.map(({ type }) => type)).toEqual(['start']);
    turn.text('x').finish();
  });

  /** Does something as if it were so many milliseconds ago. */
  function at<T>(ago: number, work: () => T): T {
    const clock = stage.app.nest.get(Clock);
    const past = jest.spyOn(clock, 'now').mockImplementation(() => Date.now() - ago);
    try {
      return work();
    } finally {
      past.mockRestore();
    }
  }

  async function shiftEnd(messageId: string, ago: number): Promise<void> {
    const { openDatabase } = await import('../support/client.js');
    const { Types } = await import('mongoose');
    const { connection, close } = await openDatabase(stage.app);
    const ended_at = new Date(Date.now() - ago);
    // A run is sealed just after its end.
    const sealed = { _id: new Types.ObjectId(messageId), 'run.open': false };
    await until('the run is sealed', async () => {
      const change = { $set: { 'run.ended_at': ended_at } };
      return (await connection.collection('messages').updateOne(sealed, change)).matchedCount === 1;
    });
    await close();
  }
});

describe('a stream', () => {
  it('ends when the token with which it was opened does, and is then refused', async () => {
    const asked = await stage.ask('alice', await stage.as('alice'), 'brief?');
    const turn = await stage.model.next('brief?');
    const brief = await stage.as('alice', { expiresIn: 2 });
    const response = await fetch(stage.app.url + pathOf(asked.stream_url), { headers: brief });
    const text = await response.text(); // a clean end, although the run goes on
    expect(text).toMatch(/event: start[^]*retry: 20\n\n$/);
    expect(codeOf(await stage.client.get(pathOf(asked.stream_url), brief))).toEqual([401, 'token_expired']);
    turn.text('x').finish();
  });

  it('is resumed by libs/client with a new token, without a gap', async () => {
    const tokens: string[] = [];
    const client = new RepriseClient({
      baseUrl: stage.app.url,
      getHeaders: async ({ refresh }) => {
        if (refresh || tokens.length === 0)
          tokens.push(await sharedToken(SECRET, 'carol', { expiresIn: tokens.length === 0 ? 2 : 600 }));
        return bearer(tokens.at(-1) ?? '');
      },
    });
    const { chat_id: chatId } = await client.createChat({ userId: 'carol' });
    const run = await client.send({ chatId, content: 'resumed?' });
    const turn = (await stage.model.next('resumed?')).text('Before. ');
    const events: StreamEvent[] = [];
    const following = (async () => {
      for await (const event of client.follow(run)) events.push(event);
    })();
    await until('the token was renewed', () => tokens.length === 2);
    turn.text('After.').finish();
    await following;
    expect(events).toEqual(await client.listEvents(run.message_id));
    expect(events.at(-1)?.type).toBe('end');
  });

  it('is found again by libs/client when its ticket is too old', async () => {
    const alice = await stage.as('alice');
    const asked = await stage.ask('alice', alice, 'again?');
    (await stage.model.next('again?')).text('Found.').finish();
    // A page with a cookie: fetch sends no header, and the ticket is of another time.
    const cookie = `reprise_session=${await sharedToken(SECRET, 'alice')}`;
    const seen: string[] = [];
    const client = new RepriseClient({
      baseUrl: stage.app.url,
      fetch: (url, init) => {
        seen.push(url);
        const headers = new Headers(init.headers);
        if (!url.includes('ticket=')) headers.set('cookie', cookie);
        return fetch(url, { ...init, headers });
      },
    });
    const stale = { ...asked, stream_url: `${pathOf(asked.stream_url)}?ticket=stale` };
    let last: string | undefined;
    for await (const event of client.follow(stale)) last = event.type;
    expect(last).toBe('end');
    expect(seen.map((url) => url.replace(/ticket=(?!stale).*/, 'ticket=new'))).toEqual([
      `${stage.app.url}${stale.stream_url}`,
      `${stage.app.url}/api/messages/${asked.message_id}`,
      `${stage.app.url}${pathOf(asked.stream_url)}?ticket=new`,
    ]);
  });

  it('in a browser comes back after its end, is refused, and stops', async () => {
    const browser = await openBrowser();
    const asked = await stage.ask('alice', await stage.as('alice'), 'browser?');
    const turn = await stage.model.next('browser?');
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${stage.app.url}/api/docs`);
    const value = await sharedToken(SECRET, 'alice', { expiresIn: 4 });
    await context.addCookies([
      { name: 'reprise_session', value, url: stage.app.url, httpOnly: true, sameSite: 'Lax' },
    ]);
    const states = await page.evaluate(async (path) => {
      const source = new EventSource(path);
      const seen: (string | number)[] = [];
      source.addEventListener('start', () => seen.push('start'));
      await new Promise<void>((resolve) => {
        source.onerror = () => {
          seen.push(source.readyState);
          if (source.readyState === EventSource.CLOSED) resolve();
        };
      });
      return seen;
    }, pathOf(asked.stream_url));
    expect(states).toEqual(['start', 0, 2]); // connecting again, closed by a 401
    turn.text('x').finish();
    await browser.close();
  });
});

it('all processes share their keys, and no log shows a ticket', async () => {
  const env = {
    AUTH_MODE: 'jwt',
    AUTH_JWT_SECRET: SECRET,
    MONGODB_URI: testMongoUri(),
    MONGODB_DATABASE: `${stage.app.env['MONGODB_DATABASE']}_two`,
    LOG_LEVEL: 'trace',
    LOG_FORMAT: 'json',
  };
  const [one, two] = await Promise.all([ServerProcess.start({ env }), ServerProcess.start({ env })]);
  const alice = bearer(await sharedToken(SECRET, 'alice'));
  const { body: chat } = await new Client(one.url).post('/api/users/alice/chats', {}, alice);
  const { body } = await new Client(one.url).post(
    `/api/chats/${chat.chat_id}/messages`,
    { content: 'Hi' },
    alice,
  );
  for (const server of [one, two]) {
    const reader = await SseReader.open(`${server.url}${String(body.stream_url)}`);
    await reader.ended;
    expect(reader.events.at(-1)?.type).toBe('end');
    await new Client(server.url).get(`${body.stream_url}&since=nonsense`);
    await new Client(server.url).get(`/nothing?ticket=${ticketOf(body.stream_url)}`);
    await server.terminate();
    expect(server.output).toContain(body.message_id);
    expect(server.output).not.toContain(ticketOf(body.stream_url));
    expect(server.output).not.toContain(alice['authorization']!.slice(7));
  }
  const { createConnection } = (await import('mongoose')).default;
  const connection = await createConnection(testMongoUri(), { dbName: env.MONGODB_DATABASE }).asPromise();
  expect(await connection.collection('server_secrets').countDocuments()).toBe(1);
  await connection.dropDatabase();
  await connection.close();
});
