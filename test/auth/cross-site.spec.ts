import { startTestApp, type TestApp } from '../support/app.js';
import { Client, openDatabase, type Answer, type Database } from '../support/client.js';

type Headers = Record<string, string>;

describe('what a page may change', () => {
  let app: TestApp;
  let client: Client;
  let database: Database;
  beforeAll(async () => {
    app = await startTestApp({ CORS_ORIGINS: 'https://page.example', HOSTS: 'chat.example.com' });
    client = new Client(app.url);
    database = await openDatabase(app);
  });
  afterAll(async () => {
    await database.close();
    await app.destroy();
  });

  const create = (headers: Headers): Promise<Answer> =>
    client.request('POST', '/api/users/alice/chats', undefined, headers);
  const chats = (): Promise<number> => database.connection.collection('chats').countDocuments();

  it.each<[string, Headers]>([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another site, with its origin', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another port or subdomain', { 'sec-fetch-site': 'same-site' }],
    ['what a browser calls by a word of later times', { 'sec-fetch-site': 'near-site' }],
    ['another origin, says an old browser', { origin: 'https://evil.example' }],
    ['a sandboxed frame or a file', { origin: 'null' }],
    ['an origin that is none', { origin: 'evil' }],
    ['an empty origin', { origin: '' }],
    [
      'another scheme, says the proxy',
      { origin: 'http://chat.example.com', host: 'chat.example.com', 'x-forwarded-proto': 'https' },
    ],
    ['another port of the same name', { origin: 'http://127.0.0.1:1' }],
    ['another loopback name', { origin: 'http://localhost' }],
    ['a name that begins like ours', { origin: 'https://page.example.evil.example' }],
    ['a listed name over plain http', { origin: 'http://page.example' }],
  ])('nothing, if it belongs to %s', async (_, headers) => {
    const before = await chats();
    const { status, body } = await create(headers);
    expect([status, body.code, body.retryable]).toEqual([403, 'cross_site', false]);
    expect(await chats()).toBe(before);
  });

  it.each<[string, (url: string) => Headers]>([
    ['our own', () => ({ 'sec-fetch-site': 'same-origin' })],
    [
      'ours behind a proxy that changes the host',
      () => ({ 'sec-fetch-site': 'same-origin', origin: 'https://chat.example.com' }),
    ],
    ['our own, says an old browser', (url) => ({ origin: url })],
    [
      'ours behind a proxy',
      () => ({
        origin: 'https://chat.example.com',
        'x-forwarded-host': 'chat.example.com',
        'x-forwarded-proto': 'https',
      }),
    ],
    [
      'ours at the usual port',
      () => ({ origin: 'https://chat.example.com', 'x-forwarded-host': 'chat.example.com:443' }),
    ],
    ['a listed one', () => ({ 'sec-fetch-site': 'cross-site', origin: 'https://page.example' })],
    ['a listed one, says an old browser', () => ({ origin: 'https://page.example' })],
    ['none: a person', () => ({ 'sec-fetch-site': 'none' })],
    ['none: a program', () => ({})],
  ])('everything, if it is %s', async (_, headers) => {
    expect((await create(headers(app.url))).status).toBe(201);
  });

  it('concerns every method but reading, known routes or not', async () => {
    const foreign = { 'sec-fetch-site': 'cross-site' };
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      for (const path of ['/api/users/alice', '/api/nothing', '/', '/health/live'])
        expect((await client.request(method, path, undefined, foreign)).body.code).toBe('cross_site');
    for (const path of ['/api/agents', '/api/users/alice/chats', '/'])
      expect((await client.get(path, foreign)).status).toBe(200);
  });

  it.each([
    ['GET', '/api/users/mallory'],
    ['HEAD', '/api/users/mallory'],
    ['GET', '/API/Users/mallory'],
    ['GET', '/api/users/mallory/'],
    ['GET', '/api/users/mallory?x=/chats'],
    ['GET', '/api/users/%6dallory'],
  ])('includes that reading creates a user: %s %s', async (method, path) => {
    const { status } = await client.request(method, path, undefined, { 'sec-fetch-site': 'cross-site' });
    expect(status).toBe(403);
    expect(await database.connection.collection('users').countDocuments({ user_id: 'mallory' })).toBe(0);
  });

  it('is refused before the body is read', async () => {
    const { body } = await client.request('POST', '/api/users/a/chats', '{not json', {
      'sec-fetch-site': 'cross-site',
    });
    expect(body.code).toBe('cross_site');
  });
});

it('a server for pages of any origin takes what they send, but no cookies', async () => {
  const app = await startTestApp({ CORS_ORIGINS: '*' });
  const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://any.example' };
  const client = new Client(app.url);
  expect((await client.post('/api/users/a/chats', {}, headers)).status).toBe(201);
  const withCookie = await client.post('/api/users/a/chats', {}, { ...headers, cookie: 'reprise_session=x' });
  expect([withCookie.status, withCookie.body.code]).toEqual([403, 'cross_site']);
  await app.destroy();
});
