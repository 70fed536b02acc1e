import { AuditLog, type AuditEntryDocument } from '../../src/audit/index.js';
import { AuditSweep } from '../../src/audit/audit-sweep.js';
import { AuthStage, bearer, codeOf } from '../auth/stage.js';
import { changeAssistant } from '../support/approvals.js';
import { startTestApp } from '../support/app.js';
import { Client, openDatabase, type Answer, type Database } from '../support/client.js';
import { scopeOf } from '../support/scopes.js';
import { until } from '../support/until.js';

const AGENT_SECRET = 'the secret of the agents';

let stage: AuthStage;
let database: Database;
let admin: Record<string, string>;
beforeAll(async () => {
  stage = await AuthStage.start({ AI_AGENT_SECRET: AGENT_SECRET });
  database = await openDatabase(stage.app);
  admin = await stage.as('root', { claims: { scope: 'admin' } });
});
afterAll(async () => {
  await database.close();
  await stage.stop();
});

const entries = () => database.connection.collection<AuditEntryDocument>('audit_entries');
beforeEach(() => entries().deleteMany({}));
const list = (query = '', headers = admin): Promise<Answer> =>
  stage.client.get(`/api/admin/audit${query}`, headers);
/** What is found, without the looks at the log itself. */
const what = async (query = ''): Promise<any[]> =>
  (await list(query)).body.items.filter(({ action }: any) => action !== 'admin_viewed');
const remove = async (path: string, headers: Record<string, string>): Promise<number> =>
  (await stage.client.request('DELETE', path, undefined, headers)).status;

describe('the audit log', () => {
  it('tells who made and withdrew a token, when, from where, by which request', async () => {
    const alice = await stage.as('alice');
    const before = Date.now();
    const asked = { ...alice, 'x-request-id': 'made-by-alice' };
    const { body: token } = await stage.client.post('/api/users/alice/tokens', { name: 'n' }, asked);
    await stage.client.get('/api/session', bearer(token.token));
    await remove(`/api/users/alice/tokens/${token.token_id}`, admin);
    const [withdrawn, created] = await what('?user=alice');
    expect(created).toEqual({
      entry_id: expect.stringMatching(/^[0-9a-f]{24}$/),
      at: expect.any(String),
      action: 'token_created',
      by: {
        user_id: 'alice',
        subject: 'alice',
        token_id: null,
        address: expect.stringMatching(/127\.0\.0\.1$/),
        request_id: 'made-by-alice',
      },
      about_user: 'alice',
      object: { kind: 'token', id: token.token_id },
      detail: { scopes: 'read' },
      times: 1,
    });
    expect(Date.parse(created.at)).toBeGreaterThanOrEqual(before);
    expect(withdrawn).toMatchObject({
      action: 'token_withdrawn',
      by: { user_id: null, subject: 'root' },
      about_user: 'alice',
      object: { id: token.token_id },
    });
    expect(JSON.stringify(await entries().find().toArray())).not.toContain(token.token.slice(3, 40));
  });

  it('tells of agents that log in, and counts those who fail within a minute', async () => {
    const login = (agent_secret: string, headers = {}): Promise<Answer> =>
      stage.client.post('/ai-agent/default/support/login', { agent_secret }, headers);
    await login(AGENT_SECRET);
    for (let n = 0; n < 25; n++) await login('guessed it', { 'x-request-id': `guess-${n}` });
    const items = (await what()).filter(({ action }) => action.startsWith('login'));
    const failed = items.filter(({ action }) => action === 'login_failed');
    expect(failed.map(({ times }) => Number(times)).reduce((sum, one) => sum + one, 0)).toBe(25);
    expect(failed.length).toBeLessThanOrEqual(2); // a minute may end meanwhile
    expect(items.at(-1)).toMatchObject({ action: 'login', object: { kind: 'agent', id: 'support' } });
    expect(JSON.stringify(await entries().find().toArray())).not.toMatch(/guessed|the secret/);
  });

  it('tells who decided about a call, and with which token, without what the call says', async () => {
    const alice = await stage.as('alice');
    const { body } = await stage.client.post(
      '/api/users/alice/tokens',
      { name: 'n', scopes: ['write'] },
      alice,
    );
    changeAssistant(stage.app, { approvals: ['write_file'] });
    const asked = await stage.ask('alice', alice, 'Write it');
    const args = { path: 'private.md', content: 'private' };
    (await stage.model.next('Write it')).toolCall('write_file', args, 'call_1').finish();
    await until('the call waits', async () => {
      const { body: message } = await stage.client.get(`/api/messages/${asked.message_id}`, alice);
      return message.status === 'waiting';
    });
    const { call_ids } = (await stage.client.get(`/api/messages/${asked.message_id}`, alice)).body.run
      .waiting;
    const path = `/api/messages/${asked.message_id}/approvals/${call_ids[0]}`;
    const decision = { decision: 'reject', reason: 'my own reason' };
    expect((await stage.client.post(path, decision, bearer(body.token))).status).toBe(200);
    expect((await stage.client.post(path, decision, bearer(body.token))).status).toBe(409);
    (await stage.model.next('Write it')).text('No.').finish();
    const decided = await what('?action=approval_decided');
    expect(decided).toHaveLength(1);
    expect(decided[0]).toMatchObject({
      by: { user_id: 'alice', subject: 'alice', token_id: body.token_id },
      about_user: 'alice',
      object: { kind: 'message', id: asked.message_id },
      detail: { call_id: call_ids[0], decision: 'reject', arguments_changed: false },
    });
    expect(JSON.stringify(await entries().find().toArray())).not.toMatch(/private|my own reason|Write it/);
  });

  it('tells what administrators looked at, once a minute, before they see it', async () => {
    for (let n = 0; n < 3; n++) await list('?user=somebody');
    const seen = (await list('?action=admin_viewed')).body.items;
    expect(seen.reduce((sum: number, { times }: any) => sum + Number(times), 0)).toBe(4);
    expect(seen.length).toBeLessThanOrEqual(2); // a minute may end meanwhile
    expect(seen[0]).toMatchObject({ by: { subject: 'root' }, object: { kind: 'list', id: 'audit' } });
    expect(JSON.stringify(seen)).not.toContain('somebody');
  });

  it('is paged, newest first, and found by action, person and time', async () => {
    const log = stage.app.nest.get(AuditLog, { strict: false });
    const by = scopeOf('bob');
    for (const user of ['carol', 'dora', 'carol'])
      await log.record(by, { action: 'role_changed', user, detail: { to: 'admin' } });
    await log.record(scopeOf('carol', 'other'), { action: 'role_changed', user: 'carol' });
    const page = (await list('?action=role_changed&page=2&page_size=2')).body;
    expect(page).toMatchObject({ total: 3, page: 2, total_pages: 2, has_more: false });
    expect(page.items).toHaveLength(1);
    const all = await what('?action=role_changed');
    expect(all.map(({ about_user }) => about_user)).toEqual(['carol', 'dora', 'carol']);
    expect(await what('?action=role_changed&user=carol')).toHaveLength(2);
    expect(await what('?user=bob')).toHaveLength(3);
    const [last] = all;
    expect(await what(`?action=role_changed&since=${last.at}`)).not.toHaveLength(0);
    expect(await what(`?action=role_changed&until=${all.at(-1).at}`)).toHaveLength(0);
    expect(await what('?action=role_changed&since=2999-01-01')).toHaveLength(0);
  });

  it.each<[string, object]>([
    ['all', {}],
    ['an action', { action: 'login' }],
    ['a person', { users: 'alice' }],
    ['a time', { at: { $gte: new Date(0) } }],
  ])('reads %s by an index alone that is in order already', async (_, filter) => {
    const cursor = entries()
      .find({ tenant_id: 'default', ...filter })
      .sort({ at: -1, _id: -1 });
    const plan = JSON.stringify((await cursor.explain('queryPlanner'))['queryPlanner'].winningPlan);
    expect(plan).toContain('IXSCAN');
    expect(plan).not.toMatch(/COLLSCAN|"stage":"SORT"/);
  });

  it('keeps entries as long as it should', async () => {
    const log = stage.app.nest.get(AuditLog, { strict: false });
    await log.record(scopeOf('bob'), { action: 'logout', user: 'bob' });
    await log.record(scopeOf('bob'), { action: 'login', user: 'bob' });
    const days = (count: number): Date => new Date(Date.now() - count * 86_400_000);
    await entries().updateMany({ action: 'logout' }, { $set: { at: days(366) } });
    await entries().updateMany({ action: 'login' }, { $set: { at: days(364) } });
    expect(await stage.app.nest.get(AuditSweep, { strict: false }).sweep()).toBe(1);
    expect((await what('?user=bob')).map(({ action }) => action)).toEqual(['login']);
  });

  it('holds no secret, and no long text, whatever it is given', async () => {
    const log = stage.app.nest.get(AuditLog, { strict: false });
    const id = `x\0 password=hunter2hunter2 ${'y'.repeat(1000)}`;
    await log.record(scopeOf('bob'), {
      action: 'settings_changed',
      object: { kind: 'setting', id },
      detail: { to: 'Bearer abcdefghijkl' },
    });
    const [entry] = await what('?action=settings_changed');
    expect(entry.object.id.length).toBeLessThanOrEqual(220);
    expect(JSON.stringify(entry)).not.toMatch(/hunter2|abcdefghijkl|\\u0000/);
  });
});

describe('a person who is erased', () => {
  const PERSON = 'Xanthippe $by.user';
  const path = `/api/users/${encodeURIComponent(PERSON)}`;

  it('is nobody in the log any more, but what they did still is one person’s', async () => {
    const hers = await stage.as(PERSON);
    await stage.client.post(`${path}/tokens`, { name: 'n' }, hers);
    await remove(
      `${path}/tokens/${(await stage.client.get(`${path}/tokens`, hers)).body.items[0].token_id}`,
      admin,
    );
    await list(`?user=${encodeURIComponent(PERSON)}`);
    expect(await remove(path, hers)).toBe(204);
    const all = await entries().find().sort({ at: 1 }).toArray();
    expect(JSON.stringify(all)).not.toContain('Xanthippe');
    const created = all.find(({ action }) => action === 'token_created');
    expect(created).toMatchObject({
      by: { user: expect.stringMatching(/^erased:/), token_id: null, address: null, request_id: null },
      detail: {},
    });
    const alias = created?.by.user;
    expect(created?.users).toEqual([alias]);
    expect(all.find(({ action }) => action === 'token_withdrawn')).toMatchObject({
      by: { subject: 'root', address: expect.any(String) },
      about_user: alias,
    });
    expect(all.at(-1)).toMatchObject({ action: 'user_erased', about_user: alias, by: { user: alias } });
  });

  it('by an administrator leaves who did it, and other people as they were', async () => {
    await stage.client.post(`${path}/tokens`, { name: 'n' }, await stage.as(PERSON));
    await stage.client.post('/api/users/bob/tokens', { name: 'n' }, await stage.as('bob'));
    expect(await remove(path, admin)).toBe(204);
    const erased = await what('?action=user_erased');
    expect(erased).toMatchObject([
      { by: { subject: 'root', user_id: null }, about_user: expect.stringMatching(/^erased:/) },
    ]);
    expect(await what('?user=bob')).toMatchObject([{ by: { address: expect.stringMatching(/127/) } }]);
    expect(await what(`?user=${encodeURIComponent(PERSON)}&action=token_created`)).toEqual([]);
  });
});

describe('who may read the log', () => {
  it.each<[string, () => Promise<Record<string, string>>, number, string | undefined]>([
    ['nobody', () => Promise.resolve({}), 401, 'token_missing'],
    ['a user', () => stage.as('alice'), 403, 'insufficient_scope'],
    [
      'a user with another scope',
      () => stage.as('a', { claims: { scope: 'administrator' } }),
      403,
      'insufficient_scope',
    ],
    ['an administrator', () => Promise.resolve(admin), 200, undefined],
  ])('%s', async (_, headers, status, code) => {
    expect(codeOf(await list('', await headers()))).toEqual([status, code]);
  });

  it('not an agent, nor an administrator with a personal token', async () => {
    const login = { agent_secret: AGENT_SECRET };
    const { body } = await stage.client.post('/ai-agent/default/support/login', login);
    expect(codeOf(await list('', bearer(body.access_token)))).toEqual([403, 'insufficient_scope']);
    const { body: token } = await stage.client.post('/api/users/root/tokens', { name: 'n' }, admin);
    expect(codeOf(await list('', bearer(token.token)))).toEqual([403, 'insufficient_scope']);
  });

  it('an administrator of another tenant sees theirs', async () => {
    await stage.client.post('/api/users/alice/tokens', { name: 'n' }, await stage.as('alice'));
    const other = await stage.as('root', { claims: { scope: 'admin', tenant_id: 'other' } });
    const { body } = await list('', other);
    expect(body.items.map(({ action }: any) => action)).toEqual(['admin_viewed']);
  });

  it('anybody who reaches a server without a login', async () => {
    const app = await startTestApp();
    try {
      const client = new Client(app.url);
      await client.get('/api/users/carol');
      expect((await client.delete('/api/users/carol')).status).toBe(204);
      const { status, body } = await client.get('/api/admin/audit?action=user_erased');
      expect([status, body.items]).toMatchObject([200, [{ about_user: expect.stringMatching(/^erased:/) }]]);
      expect(JSON.stringify(body)).not.toContain('carol');
    } finally {
      await app.destroy();
    }
  });
});

it('does not let an action fail that it cannot write down', async () => {
  // An index that takes no texts.
  const refusing = await entries().createIndex({ action: '2dsphere' }, {}, {});
  try {
    const made = await stage.client.post('/api/users/alice/tokens', { name: 'n' }, await stage.as('alice'));
    expect(made.status).toBe(201);
    expect((await list()).status).toBe(500); // but nothing is shown that is not noted
  } finally {
    await entries().dropIndex(refusing);
  }
});
