import { codeOf } from './stage.js';
import { AccountStage, ADMIN, cookieOf, PASSWORD, secretOf, type Person } from './accounts-stage.js';

type Headers = Record<string, string>;

const LISTED = 'https://page.example';

/** How a browser describes a page that is not of this very origin. */
const FOREIGN: [string, Headers][] = [
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['another site, by a link', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
  ['a subdomain or another port', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' }],
  ['a subdomain that does not say which', { 'sec-fetch-site': 'same-site' }],
  ['what a browser calls by a word of later times', { 'sec-fetch-site': 'near-site' }],
  ['another origin, says an old browser', { origin: 'https://evil.example' }],
  ['another port, says an old browser', { origin: 'http://127.0.0.1:1' }],
  ['a sandboxed frame', { origin: 'null' }],
  ['a listed origin', { 'sec-fetch-site': 'cross-site', origin: LISTED }],
  ['a listed subdomain', { 'sec-fetch-site': 'same-site', origin: LISTED }],
  ['a listed origin, says an old browser', { origin: LISTED }],
];

describe.each([
  ['lists an origin', LISTED],
  ['is open to pages of any origin', '*'],
])('a server that %s', (_, CORS_ORIGINS) => {
  let stage: AccountStage;
  let admin: Person;
  beforeAll(async () => {
    stage = await AccountStage.start({ CORS_ORIGINS });
    admin = await stage.setUp();
  });
  afterAll(() => stage.stop());

  describe.each(FOREIGN)('gives %s', (__, headers) => {
    it('nothing for the cookie that its browser adds, by any method', async () => {
      for (const path of ['/api/session', `/api/users/${admin.id}/chats`, '/api/accounts'])
        expect(codeOf(await admin.client.get(path, headers))).toEqual([401, 'token_missing']);
      for (const [method, path] of [
        ['GET', `/api/users/${admin.id}`],
        ['POST', `/api/users/${admin.id}/chats`],
        ['POST', '/api/invitations'],
        ['DELETE', `/api/accounts/${admin.id}`],
      ] as const) {
        const { status } = await admin.client.request(method, path, undefined, headers);
        expect([method, path, [401, 403].includes(status)]).toEqual([method, path, true]);
      }
      expect((await admin.client.get(`/api/users/${admin.id}/chats`)).body.items).toEqual([]);
    });

    it('no login, and ends none', async () => {
      const refused = [403, 'cross_site'];
      const answer = await stage.login(ADMIN, PASSWORD, headers);
      expect([codeOf(answer), answer.headers.getSetCookie()]).toEqual([refused, []]);
      for (const path of ['logout', 'logout-everywhere'])
        expect((await admin.client.post(`/api/auth/${path}`, undefined, headers)).body.code).toMatch(
          /^(cross_site|token_missing)$/,
        );
      expect((await admin.client.get('/api/session')).status).toBe(200);
    });

    it('no account, and the link stays good', async () => {
      const link = await stage.invite(admin, 'victim@company.com');
      for (const path of ['use', 'look']) {
        const body = { link, ...(path === 'use' && { name: 'Victim', password: PASSWORD }) };
        expect(codeOf(await stage.client.post(`/api/auth/links/${path}`, body, headers))).toEqual([
          403,
          'cross_site',
        ]);
      }
      expect((await stage.client.post('/api/auth/links/look', { link })).status).toBe(200);
    });
  });

  it.each<[string, (url: string) => Headers]>([
    ['its own origin', () => ({ 'sec-fetch-site': 'same-origin' })],
    ['its own origin, says an old browser', (url) => ({ origin: url })],
    ['a person who typed the address', () => ({ 'sec-fetch-site': 'none' })],
    ['a program', () => ({})],
  ])('knows the cookie of %s', async (__, headers) => {
    expect((await admin.client.get('/api/session', headers(stage.app.url))).status).toBe(200);
    expect((await stage.login(ADMIN, PASSWORD, headers(stage.app.url))).status).toBe(200);
  });
});

describe('the cookie of a server behind TLS', () => {
  let stage: AccountStage;
  let admin: Person;
  beforeAll(async () => {
    stage = await AccountStage.start();
    admin = await stage.setUp();
  });
  afterAll(() => stage.stop());

  it.each<[string, Headers]>([
    ['the proxy says so', { 'x-forwarded-proto': 'https' }],
    ['the page says so', { 'sec-fetch-site': 'same-origin', origin: 'https://chat.example.com' }],
  ])('is protected if %s', async (_, headers) => {
    const answer = await stage.login(ADMIN, PASSWORD, headers);
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(
      /^__Host-reprise_session=rps_[\w-]{51}; .*Path=\/; .*HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(cookie).not.toMatch(/domain/i);
    const protectedOne = cookieOf(answer);
    expect((await stage.client.get('/api/session', { cookie: protectedOne })).status).toBe(200);
    // As a page of a subdomain would set it, to let somebody work in its own account.
    const tossed = protectedOne.replace('__Host-', '');
    expect(codeOf(await stage.client.get('/api/session', { cookie: tossed }))).toEqual([
      401,
      'token_invalid',
    ]);
    const both = `${cookieOf(await stage.login(ADMIN, PASSWORD))}; ${protectedOne}`;
    expect((await stage.client.get('/api/session', { cookie: both })).status).toBe(200);
    const out = await stage.client.post('/api/auth/logout', undefined, { ...headers, cookie: protectedOne });
    expect([out.status, out.headers.getSetCookie().map((one) => one.split(';')[0])]).toEqual([
      204,
      ['reprise_session=', '__Host-reprise_session='],
    ]);
    expect((await stage.client.get('/api/session', { cookie: protectedOne })).status).toBe(401);
  });

  it('cannot be set by a form, which needs no permission of the server', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
      const body = JSON.stringify({ email: ADMIN, password: PASSWORD });
      const answer = await stage.client.post('/api/auth/login', body, { 'content-type': type });
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([415, []]);
    }
  });

  it('is not in what the link of an administrator shows', async () => {
    const { body } = await admin.client.post('/api/invitations', { email: 'x@company.com' });
    expect(secretOf(body.path)).toMatch(/^rpl_/);
    // What stands after "#" is sent to no server, and so is in no log and no Referer.
    expect(body.path).toMatch(/^\/join#/);
  });
});
