import { openDatabase, type Answer, type Database } from '../support/client.js';
import { AccountStage, ADMIN, cookieOf, PASSWORD, secretOf, type Person } from './accounts-stage.js';
import { bearer, codeOf } from './stage.js';

const DAY_MS = 86_400_000;

describe('a server without accounts', () => {
  let stage: AccountStage;
  beforeAll(async () => {
    stage = await AccountStage.start();
  });
  afterAll(() => stage.stop());

  it('lets nobody in', async () => {
    expect(codeOf(await stage.client.get('/api/session'))).toEqual([401, 'token_missing']);
    expect(codeOf(await stage.login(ADMIN))).toEqual([401, 'wrong_credentials']);
  });

  it('prints another link at every start, and lets one person set it up, once', async () => {
    const [first, second] = [await stage.setUpLink(), await stage.setUpLink()];
    expect(first).not.toBe(second);
    const looked = await stage.client.post('/api/auth/links/look', { link: first });
    expect(looked.body).toEqual({ kind: 'setup', email: null, expires_at: expect.any(String) });
    const half = await stage.use(first, { email: ADMIN });
    expect([half.status, half.body.errors]).toEqual([
      400,
      [{ field: 'name', message: 'is needed for this link' }],
    ]);

    const all = await Promise.all(
      ['a', 'b', 'c'].map((who) => stage.use(first, { email: `${who}@company.com`, name: who })),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    for (const link of [first, second])
      expect(codeOf(await stage.use(link, { email: 'late@company.com', name: 'Late' }))).toEqual([
        404,
        'link_not_found',
      ]);
    expect(await stage.app.setUpLink()).toBeUndefined();
    const [made] = all.filter(({ status }) => status === 200);
    const { client, id } = stage.person(made!);
    expect((await client.get('/api/session')).body).toMatchObject({
      ...{ auth_mode: 'accounts', user_id: id, is_admin: true, role: 'admin', tenant_id: 'default' },
      ...{ name: made!.body.name, email: made!.body.email },
    });
  });

  it('prints links that are good for a day', async () => {
    const other = await AccountStage.start();
    const link = await other.setUpLink();
    other.pass(DAY_MS);
    expect(codeOf(await other.use(link, { email: ADMIN, name: 'Root' }))).toEqual([404, 'link_not_found']);
    await other.stop();
  });
});

describe('accounts', () => {
  let stage: AccountStage;
  let admin: Person;
  let database: Database;
  beforeAll(async () => {
    stage = await AccountStage.start();
    admin = await stage.setUp();
    database = await openDatabase(stage.app);
  });
  afterAll(async () => {
    await database.close();
    await stage.stop();
  });

  const sessionOf = ({ client }: Pick<Person, 'client'>): Promise<Answer> => client.get('/api/session');
  const isIn = async (person: Pick<Person, 'client'>): Promise<boolean> =>
    (await sessionOf(person)).status === 200;

  it('are made by invitations, which work once', async () => {
    const { status, body } = await admin.client.post('/api/invitations', { email: 'Alice@Company.com' });
    expect([status, body]).toEqual([
      201,
      {
        ...{
          invitation_id: expect.stringMatching(/^[0-9a-f]{24}$/),
          email: 'Alice@Company.com',
          role: 'user',
        },
        ...{ created_at: expect.any(String), expires_at: expect.any(String) },
        path: expect.stringMatching(/^\/join#rpl_[\w-]{51}$/),
      },
    ]);
    const listed = await admin.client.get('/api/invitations');
    expect(listed.body.items.map((one: any) => one.email)).toEqual(['Alice@Company.com']);
    expect(JSON.stringify(listed.body)).not.toContain('rpl_');
    const link = secretOf(body.path);
    const looked = await stage.client.post('/api/auth/links/look', { link });
    expect(looked.body).toMatchObject({ kind: 'invitation', email: 'Alice@Company.com' });
    expect((await stage.use(link, { name: 'Alice', email: 'mallory@evil.example' })).status).toBe(400);

    const alice = stage.person(await stage.use(link, { name: 'Alice' }));
    expect(alice.id).toMatch(/^u_[0-9a-f]{18}$/);
    expect(codeOf(await stage.use(link, { name: 'Again' }))).toEqual([404, 'link_not_found']);
    expect((await sessionOf(alice)).body).toMatchObject({ is_admin: false, role: 'user', user_id: alice.id });
    expect((await admin.client.get('/api/invitations')).body.items).toEqual([]);
    expect((await alice.client.get(`/api/users/${alice.id}`)).body).toMatchObject({
      name: 'Alice',
      email: 'Alice@Company.com',
    });
    expect(codeOf(await admin.client.post('/api/invitations', { email: 'alice@company.COM' }))).toEqual([
      409,
      'account_exists',
    ]);
  });

  it('are not made by invitations that were withdrawn, replaced, or have expired', async () => {
    const first = await stage.invite(admin, 'bea@company.com');
    const second = await stage.invite(admin, 'bea@company.com', 'admin');
    expect(codeOf(await stage.use(first, { name: 'Bea' }))).toEqual([404, 'link_not_found']);
    const { body } = await admin.client.get('/api/invitations');
    const { invitation_id: id } = body.items[0];
    expect((await admin.client.delete(`/api/invitations/${id}`)).status).toBe(204);
    expect(codeOf(await admin.client.delete(`/api/invitations/${id}`))).toEqual([
      404,
      'invitation_not_found',
    ]);
    expect(codeOf(await stage.use(second, { name: 'Bea' }))).toEqual([404, 'link_not_found']);
    const late = await stage.invite(admin, 'bea@company.com');
    stage.pass(7 * DAY_MS - 1000);
    expect((await stage.client.post('/api/auth/links/look', { link: late })).status).toBe(200);
    stage.pass(1000);
    expect(codeOf(await stage.use(late, { name: 'Bea' }))).toEqual([404, 'link_not_found']);
    admin = await stage.again(ADMIN);
  });

  it('store nothing with which somebody could get in', async () => {
    const carl = await stage.join(admin, 'carl@company.com');
    await stage.invite(admin, 'dora@company.com');
    const pair = (await stage.tokens('carl@company.com')).body;
    const made = await carl.client.post(`/api/users/${carl.id}/tokens`, { name: 'x' });
    const collections = (await database.connection.db?.collections()) ?? [];
    const all = await Promise.all(collections.map((one) => one.find().toArray()));
    const stored = JSON.stringify(all);
    const secrets = [
      carl.headers.cookie.split('=')[1],
      pair.access_token,
      pair.refresh_token,
      made.body.token,
    ];
    for (const secret of [PASSWORD, ...secrets]) expect(stored).not.toContain(secret);
    expect(stored).not.toMatch(/rp[alrs]?_[\w-]{51}/);
    expect(stored).toMatch(/\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('log in by address and password, whatever the case of the address', async () => {
    const dan = await stage.join(admin, 'Dan@company.com');
    const again = await stage.login('dAN@Company.com');
    expect([again.status, again.body]).toEqual([
      200,
      { user_id: dan.id, email: 'Dan@company.com', name: 'Dan@company.com', role: 'user' },
    ]);
    const [cookie = ''] = again.headers.getSetCookie();
    expect(cookie).toMatch(
      /^reprise_session=rps_[\w-]{51}; Max-Age=2592000; Path=\/; .*HttpOnly; SameSite=Lax$/,
    );
    expect(cookie).not.toContain('Secure');
    expect(again.headers.get('cache-control')).toBe('no-store');
    // The same characters, typed in another way.
    await stage.join(admin, 'eva@company.com');
    const composed = 'Å være på fjellet';
    await (
      await stage.again('eva@company.com')
    ).client.post('/api/auth/password', {
      current_password: PASSWORD,
      new_password: composed,
    });
    expect((await stage.login('eva@company.com', composed.normalize('NFD'))).status).toBe(200);
  });

  it.each<[string, (email: string) => [string, string]]>([
    ['a wrong password', (email) => [email, `${PASSWORD}!`]],
    ['the password in other letters', (email) => [email, PASSWORD.toUpperCase()]],
    ['an address without an account', () => ['nobody@company.com', PASSWORD]],
    ['an address that is none of ours but similar', (email) => [`x${email}`, PASSWORD]],
  ])('do not log in with %s, and all get the same answer', async (_, guess) => {
    const answer = await stage.login(...guess(ADMIN));
    expect(answer.headers.getSetCookie()).toEqual([]);
    const { request_id: __, ...said } = answer.body;
    expect(said).toEqual({
      ...{ type: 'urn:reprise:problem:wrong_credentials', status: 401, code: 'wrong_credentials' },
      ...{ title: expect.any(String), detail: expect.any(String), retryable: false },
    });
  });

  it('end their logins: this one, all, those of before a new password', async () => {
    const fay = await stage.join(admin, 'fay@company.com');
    const [second, third] = [await stage.again(fay.email), await stage.again(fay.email)];
    const out = await second.client.post('/api/auth/logout');
    expect([out.status, out.headers.getSetCookie()]).toEqual([
      204,
      [expect.stringMatching(/^reprise_session=; .*Expires=Thu, 01 Jan 1970/)],
    ]);
    expect([await isIn(fay), await isIn(second), await isIn(third)]).toEqual([true, false, true]);
    const change = (current_password: string, new_password: string): Promise<Answer> =>
      fay.client.post('/api/auth/password', { current_password, new_password });
    expect(codeOf(await change('wrong', 'another good one'))).toEqual([403, 'wrong_password']);
    expect((await change(PASSWORD, 'short')).status).toBe(400);
    expect((await change(PASSWORD, 'another good one')).status).toBe(204);
    expect([await isIn(fay), await isIn(third)]).toEqual([true, false]);
    expect(codeOf(await stage.login(fay.email))).toEqual([401, 'wrong_credentials']);
    const fourth = await stage.again(fay.email, 'another good one');
    expect((await fourth.client.post('/api/auth/logout-everywhere')).status).toBe(204);
    expect([await isIn(fay), await isIn(fourth)]).toEqual([false, false]);
  });

  it('get a new password by a link that an administrator makes', async () => {
    const gus = await stage.join(admin, 'gus@company.com');
    const path = `/api/accounts/${gus.id}/reset-link`;
    const old = secretOf((await admin.client.post(path)).body.path);
    const { status, body } = await admin.client.post(path);
    expect(status).toBe(201);
    expect(codeOf(await stage.use(old, {}))).toEqual([404, 'link_not_found']);
    const wanted = { password: 'the password after that' };
    expect((await stage.use(secretOf(body.path), { ...wanted, name: 'Gus' })).status).toBe(400);
    const again = stage.person(await stage.use(secretOf(body.path), wanted));
    expect([again.id, await isIn(again), await isIn(gus)]).toEqual([gus.id, true, false]);
    expect((await stage.login(gus.email)).status).toBe(401);
    expect((await stage.login(gus.email, wanted.password)).status).toBe(200);
    expect(codeOf(await stage.use(secretOf(body.path), wanted))).toEqual([404, 'link_not_found']);
  });

  it('are listed, renamed, promoted and demoted, which logs them out', async () => {
    const hal = await stage.join(admin, 'hal@company.com', 'admin');
    expect((await hal.client.get(`/api/users/${admin.id}`)).status).toBe(200);
    const { body } = await admin.client.get('/api/accounts?page_size=100');
    expect(body.items.find((one: any) => one.user_id === hal.id)).toEqual({
      ...{ user_id: hal.id, email: hal.email, name: hal.email, role: 'admin' },
      ...{ is_disabled: false, has_password: true },
      ...{ created_at: expect.any(String), last_login_at: expect.any(String) },
    });
    const change = (changes: object): Promise<Answer> =>
      admin.client.patch(`/api/accounts/${hal.id}`, changes);
    expect((await change({ name: 'Hal' })).body).toMatchObject({ name: 'Hal', role: 'admin' });
    expect(await isIn(hal)).toBe(true);
    expect((await change({ role: 'user' })).body.role).toBe('user');
    expect(await isIn(hal)).toBe(false);
    const again = await stage.again(hal.email);
    expect((await again.client.get(`/api/users/${admin.id}`)).status).toBe(404);
    expect(codeOf(await again.client.get('/api/accounts'))).toEqual([403, 'insufficient_scope']);
    await change({ role: 'admin' });
    expect((await sessionOf(again)).body.is_admin).toBe(true);
    await change({ role: 'user' });
  });

  it('are disabled at once, with all that they have, and enabled again', async () => {
    const ida = await stage.join(admin, 'ida@company.com');
    const { body: token } = await ida.client.post(`/api/users/${ida.id}/tokens`, {
      name: 'x',
      scopes: ['write'],
    });
    const { body: pair } = await stage.tokens(ida.email);
    const everything = [bearer(token.token), bearer(pair.access_token), ida.headers];
    const statuses = (): Promise<number[]> =>
      Promise.all(everything.map(async (one) => (await stage.client.get('/api/session', one)).status));
    expect(await statuses()).toEqual([200, 200, 200]);
    const path = `/api/accounts/${ida.id}`;
    expect((await admin.client.patch(path, { is_disabled: true })).body.is_disabled).toBe(true);
    expect(await statuses()).toEqual([401, 401, 401]);
    const refresh = await stage.client.post('/api/v1/auth/refresh', { refresh_token: pair.refresh_token });
    expect(refresh.status).toBe(401);
    // Only who has the password learns that there is such an account.
    expect(codeOf(await stage.login(ida.email))).toEqual([403, 'account_disabled']);
    expect(codeOf(await stage.login(ida.email, 'guessed'))).toEqual([401, 'wrong_credentials']);
    const reset = await admin.client.post(`${path}/reset-link`);
    expect(codeOf(await stage.use(secretOf(reset.body.path), {}))).toEqual([403, 'account_disabled']);
    await admin.client.patch(path, { is_disabled: false });
    expect(await statuses()).toEqual([200, 401, 401]);
    expect((await stage.login(ida.email)).status).toBe(200);
  });

  it.each(['/api/accounts/', '/api/users/'])('are deleted with everything: DELETE %s', async (base) => {
    const jan = await stage.join(admin, 'jan@company.com');
    const asked = await stage.ask(jan, 'Mine?');
    (await stage.model.next('Mine?')).text('Yes.').finish();
    await jan.client.ended(asked);
    const { body: token } = await jan.client.post(`/api/users/${jan.id}/tokens`, { name: 'x' });
    await admin.client.post(`/api/accounts/${jan.id}/reset-link`);
    expect((await admin.client.delete(base + jan.id)).status).toBe(204);
    expect(await isIn(jan)).toBe(false);
    expect((await stage.client.get('/api/session', bearer(token.token))).status).toBe(401);
    expect(codeOf(await stage.login(jan.email))).toEqual([401, 'wrong_credentials']);
    const collections = (await database.connection.db?.collections()) ?? [];
    const all = await Promise.all(collections.map((one) => one.find({ user_id: jan.id }).toArray()));
    expect(all.flat()).toEqual([]);
    expect(codeOf(await admin.client.delete(`/api/accounts/${jan.id}`))).toEqual([404, 'account_not_found']);
    expect((await stage.join(admin, jan.email)).id).not.toBe(jan.id);
    await admin.client.delete(`/api/accounts/${(await stage.again(jan.email)).id}`);
  });

  it('always include an administrator', async () => {
    const path = `/api/accounts/${admin.id}`;
    const alone = [409, 'last_admin'];
    expect(codeOf(await admin.client.patch(path, { role: 'user' }))).toEqual(alone);
    expect(codeOf(await admin.client.patch(path, { is_disabled: true }))).toEqual(alone);
    expect(codeOf(await admin.client.delete(path))).toEqual(alone);
    const { body: token } = await admin.client.post(`/api/users/${admin.id}/tokens`, { name: 'x' });
    expect(codeOf(await admin.client.delete(`/api/users/${admin.id}`))).toEqual(alone);
    expect((await stage.client.get('/api/session', bearer(token.token))).status).toBe(200); // nothing was erased
    const kim = await stage.join(admin, 'kim@company.com', 'admin');
    await kim.client.patch(`/api/accounts/${kim.id}`, { is_disabled: true });
    expect(codeOf(await admin.client.delete(path))).toEqual(alone); // who is disabled does not count
  });

  it('end when they are not used, and in any case', async () => {
    const lea = await stage.join(admin, 'lea@company.com');
    for (let days = 0; days < 29; days += 5) {
      stage.pass(5 * DAY_MS);
      if (days < 25) expect(await isIn(lea)).toBe(true);
    }
    expect(codeOf(await sessionOf(lea))).toEqual([401, 'token_expired']); // 30 days
    const again = await stage.again(lea.email);
    stage.pass(7 * DAY_MS);
    expect(codeOf(await sessionOf(again))).toEqual([401, 'token_expired']); // unused
    admin = await stage.again(ADMIN);
  });

  it('are nothing that a personal token can make or see', async () => {
    const { body: token } = await admin.client.post(`/api/users/${admin.id}/tokens`, {
      name: 'x',
      scopes: ['write'],
    });
    const as = bearer(token.token);
    for (const [method, path] of [
      ...[
        ['GET', '/api/accounts'],
        ['GET', '/api/invitations'],
        ['POST', '/api/invitations'],
      ],
      ...[
        ['DELETE', `/api/accounts/${admin.id}`],
        ['POST', `/api/accounts/${admin.id}/reset-link`],
      ],
      ...[
        ['POST', '/api/auth/logout'],
        ['POST', '/api/auth/logout-everywhere'],
      ],
      ['POST', '/api/auth/password'],
    ] as const)
      expect(codeOf(await stage.client.request(method, path, undefined, as))).toEqual([
        403,
        'insufficient_scope',
      ]);
  });

  it('have cookies that nobody else can make', async () => {
    const { cookie } = admin.headers;
    const other = `${cookie.slice(0, -2)}${cookie.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const wrong of ['reprise_session=', 'reprise_session=x', other, 'reprise_session=é'])
      expect((await stage.client.get('/api/session', { cookie: encodeURI(wrong) })).status).toBe(401);
    const pair = (await stage.tokens(ADMIN)).body;
    for (const token of [pair.access_token, pair.refresh_token])
      expect((await stage.client.get('/api/session', { cookie: `reprise_session=${token}` })).status).toBe(
        401,
      );
    for (const token of [pair.refresh_token, cookie.split('=')[1]])
      expect((await stage.client.get('/api/session', bearer(token))).status).toBe(401);
    expect(cookieOf(await stage.login(ADMIN))).not.toBe(cookie);
  });
});
