import { Passwords } from '../../src/auth/accounts/passwords.js';
import type { Answer } from '../support/client.js';
import { AccountStage, ADMIN, PASSWORD, type Person } from './accounts-stage.js';
import { AuthStage, bearer, codeOf } from './stage.js';
import { unsignedToken } from './identity-provider.js';

/** As a proxy on the same machine says it, which the server believes. */
const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });

describe('who guesses passwords', () => {
  let stage: AccountStage;
  let admin: Person;
  beforeAll(async () => {
    stage = await AccountStage.start({ LOGIN_ATTEMPTS_PER_ACCOUNT: '5', LOGIN_ATTEMPTS_PER_ADDRESS: '8' });
    admin = await stage.setUp();
  });
  afterAll(() => stage.stop());

  const guess = (email: string, address: string, password = 'guess'): Promise<Answer> =>
    stage.login(email, password, from(address));

  it.each([
    ['of somebody', ADMIN],
    ['of nobody', 'nobody@company.com'],
  ])('%s has to wait after five, from wherever', async (_, email) => {
    const wrong = [];
    for (let n = 0; n < 5; n++) wrong.push(codeOf(await guess(email, `10.0.${email.length}.${n}`)));
    expect(wrong).toEqual(wrong.map(() => [401, 'wrong_credentials']));
    const late = await guess(email.toUpperCase(), '10.1.0.1', PASSWORD);
    expect(codeOf(late)).toEqual([429, 'too_many_attempts']);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(800);
    const program = await stage.client.post(
      '/api/v1/auth/login',
      { email, password: PASSWORD },
      from('10.1.0.2'),
    );
    expect(codeOf(program)).toEqual([429, 'too_many_attempts']);
    // Who is logged in stays so, and nobody else waits.
    expect((await admin.client.get('/api/session')).status).toBe(200);
    expect(codeOf(await guess(`other-${email}`, '10.1.0.3'))).toEqual([401, 'wrong_credentials']);
  });

  it('of many has to wait after eight, and everybody else does not', async () => {
    const alice = await stage.join(admin, 'alice@company.com');
    const answers = [];
    for (let n = 0; n < 8; n++) answers.push((await guess(`${n}@company.com`, '10.2.0.1')).status);
    expect(answers).toEqual(answers.map(() => 401));
    expect(codeOf(await guess(alice.email, '10.2.0.1', PASSWORD))).toEqual([429, 'too_many_attempts']);
    expect((await guess(alice.email, '10.2.0.2', PASSWORD)).status).toBe(200);
    const link = await stage.client.post('/api/auth/links/look', { link: 'rpl_x' }, from('10.2.0.1'));
    expect(codeOf(link)).toEqual([429, 'too_many_attempts']);
  });

  it('of IPv6 has one address, whichever of theirs they use', async () => {
    for (let n = 0; n < 8; n++) await guess(`v6-${n}@company.com`, `2001:db8:1:1::${n + 1}`);
    expect((await guess('v6@company.com', '2001:db8:1:1:ffff::9')).status).toBe(429);
    expect((await guess('v6@company.com', '2001:db8:1:2::9')).status).toBe(401);
  });

  it('all at once gets no further', async () => {
    const all = await Promise.all(
      Array.from({ length: 30 }, (_, n) => guess('bob@company.com', `10.3.${n}.1`)),
    );
    expect(all.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(all.filter(({ status }) => status === 429)).toHaveLength(25);
  });

  it('guesses links no more often than passwords', async () => {
    const statuses = [];
    for (let n = 0; n < 9; n++) {
      const path = `/api/auth/links/${n % 2 ? 'look' : 'use'}`;
      const body = { link: `rpl_${String(n).repeat(51)}`, ...(n % 2 === 0 && { password: PASSWORD }) };
      statuses.push((await stage.client.post(path, body, from('10.4.0.1'))).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 8 }, () => 404), 429]);
  });

  it('is forgiven for mistakes once the right one comes, and never waits for right ones', async () => {
    const carl = await stage.join(admin, 'carl@company.com');
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 4; n++) await guess(carl.email, `10.5.${round}.${n}`);
      expect((await guess(carl.email, '10.5.9.9', PASSWORD)).status).toBe(200);
    }
    for (let n = 0; n < 12; n++) expect((await guess(carl.email, '10.5.9.9', PASSWORD)).status).toBe(200);
  });

  it('of a browser that is logged in guesses its password no more often', async () => {
    const dora = await stage.join(admin, 'dora@company.com');
    const change = (n: number): Promise<Answer> =>
      dora.client.post(
        '/api/auth/password',
        { current_password: 'guess', new_password: 'mine from now on' },
        from(`10.6.0.${n}`),
      );
    const statuses = [];
    for (let n = 0; n < 6; n++) statuses.push((await change(n)).status);
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
  });

  it('costs the server the same, whether or not there is such an account', async () => {
    const compared: unknown[] = [];
    const passwords = stage.app.nest.get(Passwords);
    const isRight = passwords.isRight.bind(passwords);
    passwords.isRight = (password, stored) => {
      compared.push(typeof stored);
      return isRight(password, stored);
    };
    await guess('eva@company.com', '10.7.0.1');
    await stage.join(admin, 'eva@company.com');
    await guess('eva@company.com', '10.7.0.1');
    expect(compared).toEqual(['undefined', 'string']);
  });
});

it('a password that nobody has is compared with one, and is wrong', async () => {
  const passwords = new Passwords();
  const stored = await passwords.hash(PASSWORD);
  expect(await passwords.isRight(PASSWORD, stored)).toBe(true);
  expect(await passwords.isRight(PASSWORD, null)).toBe(false);
  expect(
    await passwords.isRight('a password that nobody has, for accounts that do not exist', undefined),
  ).toBe(false);
});

describe('who tries tokens', () => {
  it.each<
    [string, () => Promise<{ app: { url: string }; client: AuthStage['client']; stop(): Promise<void> }>]
  >([
    ['jwt', () => AuthStage.start({ RATE_LIMIT_PER_MINUTE: '10' })],
    ['accounts', () => AccountStage.start({ RATE_LIMIT_PER_MINUTE: '10' })],
  ])('is limited by their address with AUTH_MODE=%s', async (_, start) => {
    const stage = await start();
    const tries = [
      bearer(unsignedToken('alice', { alg: 'HS256' })),
      bearer(`rp_${'a'.repeat(51)}`),
      bearer(`rpa_${'a'.repeat(51)}`),
      { cookie: 'reprise_session=x' },
      {},
    ];
    const statuses = [];
    for (let n = 0; n < 12; n++)
      statuses.push(
        (await stage.client.get('/api/session', { ...tries[n % 5], ...from('10.0.0.1') })).status,
      );
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    const last = await stage.client.get('/api/session', from('10.0.0.1'));
    expect([codeOf(last), last.headers.get('ratelimit')]).toEqual([
      [429, 'rate_limited'],
      expect.stringMatching(/^"requests";r=0;t=\d+$/),
    ]);
    expect((await stage.client.get('/api/session', from('10.0.0.2'))).status).toBe(401);
    await stage.stop();
  });

  it('does not keep others at the same address from working', async () => {
    const stage = await AuthStage.start({ RATE_LIMIT_PER_MINUTE: '10' });
    const alice = await stage.as('alice');
    for (let n = 0; n < 15; n++) await stage.client.get('/api/session', bearer('eyJ.eyJ.x'));
    expect((await stage.client.get('/api/session', alice)).status).toBe(200);
    await stage.stop();
  });
});
