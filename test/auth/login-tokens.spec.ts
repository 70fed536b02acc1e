import { openDatabase } from '../support/client.js';
import { startTestApp } from '../support/app.js';
import { Client, type Answer } from '../support/client.js';
import { within } from '../support/until.js';
import { AccountStage, ADMIN, PASSWORD, type Person } from './accounts-stage.js';
import { AuthStage, bearer, codeOf } from './stage.js';

const HOUR_MS = 3_600_000;

describe('a program that logs in for a person', () => {
  let stage: AccountStage;
  let admin: Person;
  let alice: Person;
  beforeAll(async () => {
    stage = await AccountStage.start();
    admin = await stage.setUp();
    alice = await stage.join(admin, 'alice@company.com');
  });
  afterAll(() => stage.stop());

  const refresh = (refresh_token: string): Promise<Answer> =>
    stage.client.post('/api/v1/auth/refresh', { refresh_token });
  const statusOf = async (token: string): Promise<number> =>
    (await stage.client.get('/api/session', bearer(token))).status;

  it.each(['email', 'username'])('gets tokens for %s and password', async (field) => {
    const answer = await stage.client.post('/api/v1/auth/login', {
      [field]: alice.email,
      password: PASSWORD,
    });
    expect([answer.status, answer.headers.getSetCookie(), answer.headers.get('cache-control')]).toEqual([
      200,
      [],
      'no-store',
    ]);
    expect(answer.body).toEqual({
      ...{ access_token: expect.stringMatching(/^rpa_/), refresh_token: expect.stringMatching(/^rpr_/) },
      ...{ token_type: 'Bearer', expires_in: 3600 },
      user: { user_id: alice.id, email: alice.email, name: alice.email, role: 'user' },
    });
    const client = new Client(stage.app.url, bearer(answer.body.access_token));
    const { body } = await client.get('/api/session');
    expect(body).toMatchObject({ user_id: alice.id, is_admin: false, auth_mode: 'accounts' });
    const asked = await client.send(await client.newChat(alice.id), 'Mine?');
    (await stage.model.next('Mine?')).text('Yes.').finish();
    expect((await client.ended(asked)).at(-1)).toMatchObject({ type: 'end', status: 'completed' });
  });

  it.each([
    ['both names, which differ', { email: 'a@b.dk', username: 'alice@company.com', password: PASSWORD }, 401],
    ['a wrong password', { email: 'alice@company.com', password: 'guess' }, 401],
    ['nobody', { username: 'nobody', password: PASSWORD }, 401],
    ['no name', { password: PASSWORD }, 400],
    ['no password', { email: 'alice@company.com' }, 400],
    ['a list', { email: ['alice@company.com'], password: PASSWORD }, 400],
    ['an operator', { email: { $ne: '' }, password: { $ne: '' } }, 400],
    ['more', { email: 'alice@company.com', password: PASSWORD, role: 'admin' }, 400],
  ])('gets none for %s', async (_, body, status) => {
    expect((await stage.client.post('/api/v1/auth/login', body)).status).toBe(status);
  });

  it('renews them: the refresh token is good once, access tokens until they expire', async () => {
    const first = (await stage.tokens(alice.email)).body;
    stage.pass(HOUR_MS / 2);
    const second = (await refresh(first.refresh_token)).body;
    expect(second).toMatchObject({ expires_in: 3600, user: { user_id: alice.id } });
    expect([await statusOf(first.access_token), await statusOf(second.access_token)]).toEqual([200, 200]);
    stage.pass(HOUR_MS / 2);
    expect(codeOf(await stage.client.get('/api/session', bearer(first.access_token)))).toEqual([
      401,
      'token_expired',
    ]);
    expect(await statusOf(second.access_token)).toBe(200);
    // Longer than a login lasts that nobody uses.
    for (let [days, token] = [0, second.refresh_token]; days < 24; days += 6) {
      stage.pass(6 * 24 * HOUR_MS);
      token = (await refresh(token)).body.refresh_token;
      expect(token).toMatch(/^rpr_/);
    }
  });

  it('loses everything when a refresh token comes a second time', async () => {
    const first = (await stage.tokens(alice.email)).body;
    const other = (await stage.tokens(alice.email)).body;
    const second = (await refresh(first.refresh_token)).body;
    expect(codeOf(await refresh(first.refresh_token))).toEqual([401, 'token_invalid']);
    for (const token of [first.access_token, second.access_token]) expect(await statusOf(token)).toBe(401);
    expect((await refresh(second.refresh_token)).status).toBe(401);
    expect(await statusOf(other.access_token)).toBe(200); // another login
  });

  it('gets one new pair of many requests at once, and then none: one of them was copied', async () => {
    const { refresh_token } = (await stage.tokens(alice.email)).body;
    const all = await Promise.all(Array.from({ length: 8 }, () => refresh(refresh_token)));
    const good = all.filter(({ status }) => status === 200);
    expect(good).toHaveLength(1);
    expect(await statusOf(good[0]!.body.access_token)).toBe(401);
  });

  it.each(['', 'x', `rpr_${'a'.repeat(75)}`, `rpr_${'a'.repeat(51)}`, 'eyJhbGciOiJub25lIn0.e30.'])(
    'gets nothing for %j',
    async (token) => {
      expect([400, 401]).toContain((await refresh(token)).status);
    },
  );

  it('gets nothing for a token of another kind', async () => {
    const { access_token } = (await stage.tokens(alice.email)).body;
    expect((await refresh(access_token)).status).toBe(401);
    expect((await refresh(alice.headers.cookie.split('=')[1] ?? '')).status).toBe(401);
  });

  it('ends with the logins of its person, and logs out by itself', async () => {
    const [one, two] = [(await stage.tokens(alice.email)).body, (await stage.tokens(alice.email)).body];
    const out = await stage.client.post('/api/auth/logout', undefined, bearer(one.access_token));
    expect(out.status).toBe(204);
    expect([await statusOf(one.access_token), await statusOf(two.access_token)]).toEqual([401, 200]);
    expect((await refresh(one.refresh_token)).status).toBe(401);
    alice = await stage.again(alice.email); // time has passed
    expect((await alice.client.post('/api/auth/logout-everywhere')).status).toBe(204);
    expect(await statusOf(two.access_token)).toBe(401);
    alice = await stage.again(alice.email);
  });

  it('is not logged out by a change of the secret that signs tickets', async () => {
    const { access_token } = (await stage.tokens(ADMIN)).body;
    const other = await startTestApp({ ...stage.app.env, PORT: '0', TICKET_SECRET: 'x'.repeat(40) });
    expect((await new Client(other.url).get('/api/session', bearer(access_token))).status).toBe(200);
    await other.stop();
  });

  it('has streams that end with its login', async () => {
    const client = new Client(stage.app.url, bearer((await stage.tokens(alice.email)).body.access_token));
    const asked = await client.send(await client.newChat(alice.id), 'Long?');
    const answer = (await stage.model.next('Long?')).text('Begun. ');
    const stream = await stage.client.stream(asked);
    await stream.until('the answer begins', ({ type }) => type === 'content');
    await client.post('/api/auth/logout');
    await within('the stream ends', stream.all());
    expect(stream.events.at(-1)?.type).toBe('content');
    expect(codeOf(await stage.client.get(asked.stream_url))).toEqual([401, 'ticket_expired']);
    answer.finish();
  });

  it('keeps no more access tokens than anybody needs', async () => {
    const { access_token: first, ...pair } = (await stage.tokens(alice.email)).body;
    let { refresh_token } = pair;
    for (let times = 0; times < 12; times++)
      refresh_token = (await refresh(refresh_token)).body.refresh_token;
    expect(await statusOf(first)).toBe(401);
    const { connection, close } = await openDatabase(stage.app);
    const longest = await connection
      .collection('login_sessions')
      .aggregate([{ $project: { n: { $size: '$access' } } }, { $sort: { n: -1 } }, { $limit: 1 }])
      .toArray();
    expect(longest[0]?.['n']).toBe(10);
    await close();
  });
});

describe.each(['none', 'jwt'])('with AUTH_MODE=%s', (mode) => {
  it('people have no passwords, and programs are told so', async () => {
    const stage = await AuthStage.start(mode === 'none' ? { AUTH_MODE: mode } : {});
    for (const path of ['login', 'refresh'])
      for (const body of [{}, { email: ADMIN, password: PASSWORD }, { refresh_token: 'x' }])
        expect(codeOf(await stage.client.post(`/api/v1/auth/${path}`, body))).toEqual([
          404,
          'login_disabled',
        ]);
    for (const path of ['/api/accounts', '/api/invitations'])
      expect((await stage.client.get(path)).status).toBe(404);
    expect((await stage.client.post('/api/auth/login', {})).status).toBe(404);
    await stage.stop();
  });
});
