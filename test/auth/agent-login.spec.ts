import { SignJWT } from 'jose';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client, type Answer } from '../support/client.js';
import { sharedToken } from './identity-provider.js';
import { AuthStage, bearer, codeOf, SECRET } from './stage.js';

const AGENT_SECRET = 'the secret of the agents';
const LOGIN = '/ai-agent/acme/support/login';

describe('the login of agents', () => {
  let stage: AuthStage;
  beforeAll(async () => {
    stage = await AuthStage.start({ AI_AGENT_SECRET: AGENT_SECRET });
  });
  afterAll(() => stage.stop());

  const login = (agent_secret: unknown, path = LOGIN): Promise<Answer> =>
    stage.client.post(path, { agent_secret });
  const asAgent = async (path = LOGIN): Promise<Record<string, string>> =>
    bearer((await login(AGENT_SECRET, path)).body.access_token);

  it('gives a token for an hour, which no cache keeps', async () => {
    const { status, body, headers } = await login(AGENT_SECRET);
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 });
    expect(headers.get('cache-control')).toBe('no-store');
    const session = await stage.client.get('/api/session', bearer(body.access_token));
    expect(session.body).toMatchObject({ user_id: 'agent:support', tenant_id: 'acme', is_admin: true });
  });

  it.each<[string, unknown, number, string]>([
    ['another secret', 'the secret of others', 401, 'wrong_agent_secret'],
    ['a longer one', `${AGENT_SECRET}x`, 401, 'wrong_agent_secret'],
    ['a shorter one', AGENT_SECRET.slice(0, -1), 401, 'wrong_agent_secret'],
    ['none', undefined, 400, 'validation_failed'],
    ['null', null, 400, 'validation_failed'],
    ['an empty one', '', 400, 'validation_failed'],
    ['a list', [AGENT_SECRET], 400, 'validation_failed'],
  ])('refuses %s', async (_, secret, status, code) => {
    const answer = await login(secret);
    expect(codeOf(answer)).toEqual([status, code]);
    expect(JSON.stringify(answer.body)).not.toContain(AGENT_SECRET);
    if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
  });

  it('refuses names that are none', async () => {
    expect(codeOf(await login(AGENT_SECRET, '/ai-agent/%00/support/login'))).toEqual([
      400,
      'invalid_tenant_id',
    ]);
    expect(codeOf(await login(AGENT_SECRET, `/ai-agent/acme/${'x'.repeat(201)}/login`))).toEqual([
      400,
      'invalid_project_id',
    ]);
  });

  it('lets an agent act for any user of its tenant, and of no other', async () => {
    const agent = await asAgent();
    const alice = await stage.as('alice', { claims: { tenant_id: 'acme' } });
    const stranger = await stage.as('alice', { claims: { tenant_id: 'other' } });
    const path = '/api/users/alice/chats';
    const { body: made } = await stage.client.post(path, { title: 'For her' }, agent);
    expect((await stage.client.get(`/api/chats/${made.chat_id}`, alice)).body.title).toBe('For her');
    const { body: theirs } = await stage.client.post(path, {}, stranger);
    expect(codeOf(await stage.client.get(`/api/chats/${theirs.chat_id}`, agent))).toEqual([
      404,
      'chat_not_found',
    ]);
    expect(codeOf(await stage.client.post('/api/users/alice/tokens', { name: 'x' }, agent))).toEqual([
      403,
      'insufficient_scope',
    ]);
  });

  it('can post for a user and follow the run by its ticket', async () => {
    const asked = await stage.ask('bob', await asAgent(), 'agent?');
    (await stage.model.next('agent?')).text('For Bob.').finish();
    expect((await stage.client.get(asked.stream_url)).body).toContain('For Bob.');
  });

  it.each<[string, () => Promise<string>]>([
    [
      'with the secret of the identity provider',
      () =>
        sharedToken(SECRET, 'agent:support', {
          header: { kid: 'urn:reprise:service-token' },
          issuer: 'urn:reprise',
          audience: 'urn:reprise',
        }),
    ],
    [
      "with the agents' own secret",
      () =>
        sharedToken(AGENT_SECRET, 'agent:support', {
          header: { kid: 'urn:reprise:service-token' },
          issuer: 'urn:reprise',
          audience: 'urn:reprise',
        }),
    ],
    [
      'with nothing',
      async () =>
        new SignJWT({})
          .setProtectedHeader({ alg: 'HS256', kid: 'urn:reprise:service-token' })
          .sign(new Uint8Array(32)),
    ],
  ])('does not take tokens that somebody signed %s', async (_, make) => {
    expect(codeOf(await stage.client.get('/api/session', bearer(await make())))).toEqual([
      401,
      'token_invalid',
    ]);
  });

  it('a person whose name is that of an agent is not one', async () => {
    const session = await stage.client.get('/api/session', await stage.as('agent:support'));
    expect(session.body).toMatchObject({ user_id: 'agent:support', tenant_id: 'default', is_admin: false });
  });

  it('is not limited as a person is, whatever that person is called', async () => {
    const limited = await startTestApp({ ...stage.app.env, RATE_LIMIT_PER_MINUTE: '2' });
    const client = new Client(limited.url);
    const [agent, person] = [await asAgent(), await stage.as('agent:support')];
    const statuses = async (headers: Record<string, string>): Promise<number[]> => {
      const answers = [];
      for (let n = 0; n < 4; n++) answers.push((await client.get('/api/session', headers)).status);
      return answers;
    };
    expect(await statuses(agent)).toEqual([200, 200, 200, 200]);
    expect(await statuses(person)).toEqual([200, 200, 429, 429]);
    await limited.stop();
  });

  it('another secret logs out all agents', async () => {
    const before = await asAgent();
    const changed = await startTestApp({ ...stage.app.env, AI_AGENT_SECRET: 'another secret of agents' });
    expect(codeOf(await new Client(changed.url).get('/api/session', before))).toEqual([401, 'token_invalid']);
    await changed.stop();
    const closed = await startTestApp({ ...stage.app.env, AI_AGENT_SECRET: '' });
    expect(codeOf(await new Client(closed.url).get('/api/session', before))).toEqual([401, 'token_invalid']);
    expect(codeOf(await new Client(closed.url).post(LOGIN, { agent_secret: AGENT_SECRET }))).toEqual([
      404,
      'login_disabled',
    ]);
    await closed.stop();
    expect((await stage.client.get('/api/session', before)).status).toBe(200);
  });
});

describe('without authentication', () => {
  let app: TestApp;
  afterEach(() => app.destroy());

  it('agents log in too, and are anybody like everybody', async () => {
    app = await startTestApp({ AI_AGENT_SECRET: AGENT_SECRET });
    const client = new Client(app.url);
    const { status, body } = await client.post(LOGIN, { agent_secret: AGENT_SECRET });
    expect([status, body.token_type]).toEqual([200, 'Bearer']);
    expect((await client.post('/api/users/alice/chats', {}, bearer(body.access_token))).status).toBe(201);
    expect(codeOf(await client.post(LOGIN, { agent_secret: 'wrong' }))).toEqual([401, 'wrong_agent_secret']);
  });

  it('and without a secret they cannot, whatever they send', async () => {
    app = await startTestApp();
    const client = new Client(app.url);
    for (const body of [
      { agent_secret: AGENT_SECRET },
      { agent_secret: '' },
      {},
      { agent_secret: 'undefined' },
    ])
      expect(codeOf(await client.post(LOGIN, body))).toEqual([404, 'login_disabled']);
    expect(codeOf(await client.post('/api/users/alice/tokens', { name: 'x' }))).toEqual([
      404,
      'route_not_found',
    ]);
    expect((await client.get('/api/session')).body).toEqual({
      auth_mode: 'none',
      email: null,
      name: null,
      role: null,
      user_id: null,
      tenant_id: 'default',
      is_admin: false,
      expires_at: null,
    });
  });
});
