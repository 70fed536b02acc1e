import { freePort } from '../support/server-process.js';
import { Client } from '../support/client.js';
import { AccountStage, PASSWORD, type Person } from './accounts-stage.js';
import { OpenIdServer, type People } from './open-id-server.js';

const known = (email: string, more: object = {}): Record<string, unknown> => ({
  ...{ email, email_verified: true, name: email.split('@')[0] },
  ...more,
});

const PEOPLE: People = {
  anna: known('anna@company.com'),
  bert: known('bert@elsewhere.org'),
  cora: known('Cora@Elsewhere.org'),
  dirk: known('dirk@company.com', { email_verified: false }),
  evil: known('root@company.com', { email_verified: false }),
  fred: { name: 'Fred' },
  gina: known('gina@company.com', { groups: ['staff', 'reprise-admins'] }),
  hugo: known('hugo@sub.company.com'),
  jana: known('jana@elsewhere.org'),
};

describe('people who log in with an OpenID provider', () => {
  let provider: OpenIdServer;
  let stage: AccountStage;
  let admin: Person;
  beforeAll(async () => {
    const port = await freePort();
    const here = `http://127.0.0.1:${port}`;
    provider = await OpenIdServer.start(PEOPLE, `${here}/api/auth/oidc/callback`);
    stage = await AccountStage.start({
      ...{ PORT: String(port), PUBLIC_URL: here, OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: 'reprise' },
      ...{ OIDC_CLIENT_SECRET: 'the secret of reprise', OIDC_DOMAINS: 'Company.com' },
      ...{ OIDC_ADMIN_CLAIM: 'groups', OIDC_ADMIN_VALUE: 'reprise-admins' },
    });
    admin = await stage.setUp();
  });
  afterAll(async () => {
    await stage.stop();
    await provider.stop();
  });

  interface Gone {
    location: string;
    cookies: string[];
  }

  async function go(path: string, cookie = ''): Promise<Gone> {
    const url = path.startsWith('http') ? path : stage.app.url + path;
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
    expect([path, answer.status]).toEqual([path, 302]);
    return { location: answer.headers.get('location') ?? '', cookies: answer.headers.getSetCookie() };
  }

  const pairOf = (cookie = ''): string => cookie.split(';')[0] ?? '';

  async function begin(to = '/'): Promise<{ url: string; flow: string }> {
    const { location, cookies } = await go(`/api/auth/oidc/login?to=${encodeURIComponent(to)}`);
    return { url: location, flow: pairOf(cookies[0]) };
  }

  /** The whole way, there and back. */
  async function logIn(name: string, to = '/'): Promise<Gone & { client: Client }> {
    const { url, flow } = await begin(to);
    const back = await go(await provider.logIn(url, name), flow);
    const session = back.cookies.map(pairOf).find((one) => one.startsWith('reprise_session=')) ?? '';
    return { ...back, client: new Client(stage.app.url, { cookie: session }) };
  }

  it('are sent there with PKCE, state and nonce, and come back where they wanted to', async () => {
    const { url } = await begin();
    const { searchParams: query } = new URL(url);
    expect(Object.fromEntries(query)).toMatchObject({
      ...{ response_type: 'code', client_id: 'reprise', scope: 'openid email profile' },
      ...{ redirect_uri: `${stage.app.url}/api/auth/oidc/callback`, code_challenge_method: 'S256' },
      ...{ state: expect.stringMatching(/.{40}/), nonce: expect.stringMatching(/.{40}/) },
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    });
    const { location, cookies, client } = await logIn('anna', '/documents');
    expect(location).toBe('/documents');
    expect(cookies.map((one) => one.split('=')[0])).toEqual(['reprise_openid', 'reprise_session']);
    const { body } = await client.get('/api/session');
    expect(body).toMatchObject({ email: 'anna@company.com', name: 'anna', role: 'user', is_admin: false });
    const again = await logIn('anna');
    expect((await again.client.get('/api/session')).body.user_id).toBe(body.user_id);
    expect((await stage.login('anna@company.com', '')).status).toBe(400);
    expect((await stage.login('anna@company.com')).body.code).toBe('wrong_credentials'); // has no password
    expect((await again.client.post('/api/auth/logout')).status).toBe(204);
    expect((await again.client.get('/api/session')).status).toBe(401);
  });

  it.each([
    ['bert', 'not_invited', 'is of another domain'],
    ['hugo', 'not_invited', 'is of a domain below ours'],
    ['dirk', 'email_not_verified', 'has an address that nobody has verified'],
    ['evil', 'email_not_verified', 'claims the address of an account'],
    ['fred', 'email_not_verified', 'has no address'],
  ])('are not let in: %s, %s, who %s', async (name, why) => {
    const { location, cookies } = await logIn(name, '/documents');
    expect(location).toBe(`/?login_error=${why}`);
    expect(cookies.some((one) => one.startsWith('reprise_session='))).toBe(false);
  });

  it('are let in by an invitation, which is used up', async () => {
    await stage.invite(admin, 'cora@elsewhere.org', 'user');
    const { client } = await logIn('cora');
    expect((await client.get('/api/session')).body).toMatchObject({
      email: 'Cora@Elsewhere.org',
      role: 'user',
    });
    expect((await admin.client.get('/api/invitations')).body.items).toEqual([]);
  });

  it('have the account of their verified address, and keep it when the address changes', async () => {
    const jana = await stage.join(admin, 'jana@elsewhere.org');
    const { client } = await logIn('jana');
    expect((await client.get('/api/session')).body.user_id).toBe(jana.id);
    PEOPLE['jana'] = known('jana.married@elsewhere.org');
    expect((await (await logIn('jana')).client.get('/api/session')).body.user_id).toBe(jana.id);
    expect((await stage.login('jana@elsewhere.org', PASSWORD)).status).toBe(200);
    await admin.client.patch(`/api/accounts/${jana.id}`, { is_disabled: true });
    expect((await logIn('jana')).location).toBe('/?login_error=account_disabled');
  });

  it('are administrators while their groups say so', async () => {
    const { client } = await logIn('gina');
    expect((await client.get('/api/session')).body).toMatchObject({ role: 'admin', is_admin: true });
    PEOPLE['gina'] = known('gina@company.com', { groups: ['staff'] });
    const later = await logIn('gina');
    expect((await later.client.get('/api/session')).body).toMatchObject({ role: 'user', is_admin: false });
    expect((await client.get('/api/session')).status).toBe(401); // the login of the administrator has ended
  });

  it('cannot be made to finish what another browser began', async () => {
    const [mine, other] = [await begin(), await begin()];
    const back = await provider.logIn(mine.url, 'anna');
    const refused = '/?login_error=failed';
    expect((await go(back, other.flow)).location).toBe(refused); // another state
    expect((await go(back)).location).toBe(refused); // no flow at all
    expect((await go(back.replace(/state=[^&]*/, 'state=x'), mine.flow)).location).toBe(refused);
    expect((await go(back.replace(/code=[^&]*/, 'code=x'), mine.flow)).location).toBe(refused);
    expect((await go(`${back}&iss=https://evil.example`, mine.flow)).location).toBe(refused);
    const good = await provider.logIn((({ url }) => url)(other), 'anna');
    expect((await go(good, other.flow)).location).toBe('/');
    expect((await go(good, other.flow)).location).toBe(refused); // a code is good once
    for (const query of ['', '?error=access_denied', '?code=x', '?state=x&code=y'])
      expect((await go(`/api/auth/oidc/callback${query}`, mine.flow)).location).toBe(refused);
    for (const flow of ['', 'x', Buffer.from('{"to":"//evil.example"}').toString('base64url')])
      expect((await go(good, `reprise_openid=${flow}`)).location).toBe(refused);
  });

  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'documents',
    '/a b',
    '/x\r\nSet-Cookie: a=b',
  ])('are not sent elsewhere afterwards: %j', async (to) => {
    const answer = await stage.client.get(`/api/auth/oidc/login?to=${encodeURIComponent(to)}`);
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
  });
});

it('a provider that is away is a problem worth a retry, and is asked again', async () => {
  const port = await freePort();
  const stage = await AccountStage.start({
    ...{
      PUBLIC_URL: 'http://127.0.0.1:9',
      OIDC_ISSUER: `http://127.0.0.1:${port}`,
      OIDC_CLIENT_ID: 'reprise',
    },
  });
  for (let times = 0; times < 2; times++) {
    const { status, body } = await stage.client.get('/api/auth/oidc/login');
    expect([status, body.code, body.retryable]).toEqual([503, 'identity_provider_unavailable', true]);
  }
  await stage.stop();
});
