import { randomUUID } from 'node:crypto';
import { mongo } from 'mongoose';
import { RunList, type RunFilter } from '../../src/admin/runs/run-list.js';
import { UsageSums } from '../../src/admin/usage/usage-sums.js';
import { DEFAULT_TENANT } from '../../src/common/index.js';
import { AuthStage, codeOf } from '../auth/stage.js';
import { openDatabase, type Answer, type Database } from '../support/client.js';

const DAY_MS = 86_400_000;
const RUNS = 3000;
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;
/** Something that is in every question and answer, title and file name. */
const SAID = 'Xanthippe-7Q';

let stage: AuthStage;
let database: Database;
let admin: Record<string, string>;
beforeAll(async () => {
  // Nobody looks for neglected runs meanwhile: those below are only written down.
  stage = await AuthStage.start({ RUN_LEASE_MS: '600000' });
  database = await openDatabase(stage.app);
  admin = await stage.as('root', { claims: { scope: 'admin' } });
  await database.connection
    .collection('messages')
    .insertMany(Array.from({ length: RUNS }, (_, n) => runOf(n)));
  await database.connection
    .collection('messages')
    .insertMany(
      [runOf(1), runOf(2)].map((run) => ({ ...run, _id: new mongo.ObjectId(), tenant_id: 'other' })),
    );
});
afterAll(async () => {
  await database.close();
  await stage.stop();
});

/** The nth newest: a minute apart, so that 3000 of them are two days and a bit. */
function runOf(n: number): mongo.Document {
  const created_at = new Date(TODAY - n * 60_000);
  const status = statusOf(n);
  const done = ['completed', 'error', 'cancelled'].includes(status);
  return {
    tenant_id: 'default',
    chat_id: randomUUID(),
    user_id: `user-${n % 7}`,
    role: 'user',
    content: SAID,
    metadata: { note: SAID },
    attachments: [{ file_id: 'x', name: SAID }],
    status,
    agent: n % 100 === 0 ? 'rare' : 'assistant',
    created_at,
    ...(done && { processing_time_ms: n % 50 === 0 ? 90_000 : 500 }),
    ...(status === 'error' && { error: SAID }),
    run: {
      open: !done,
      attempt: 1,
      handovers: 0,
      cancel_requested: false,
      queued_at: created_at,
      ...(status === 'processing' && {
        lease: { owner: 'host/1/a', expires_at: new Date(Date.now() + 1e9) },
      }),
      ...(n === 6 && { waiting: { since: created_at, until: new Date(Date.now() + 1e9), calls: ['c'] } }),
      ...(done && {
        ended_at: created_at,
        usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
        cost: { currency: n % 2 ? 'EUR' : 'USD', amount: 0.001 },
        model: n % 3 ? 'small' : 'large',
        tool_calls: 1,
      }),
      ...(status === 'error' && {
        failure: { error: SAID, code: n === 20 ? 'rare_error' : 'timeout', retryable: true },
      }),
    },
  };
}

function statusOf(n: number): string {
  if (n < 3) return 'pending';
  if (n < 8) return 'processing';
  if (n % 20 === 0) return 'error';
  return n === 33 ? 'cancelled' : 'completed';
}

const get = (path: string, headers = admin): Promise<Answer> =>
  stage.client.get(`/api/admin/${path}`, headers);

describe('the list of runs', () => {
  it('shows what a run took, and no word of what was said', async () => {
    const { status, body } = await get('runs?page_size=100');
    expect(status).toBe(200);
    expect(body.items).toHaveLength(100);
    expect(JSON.stringify(body)).not.toContain(SAID);
    expect(body.items[8]).toEqual({
      message_id: expect.stringMatching(/^[0-9a-f]{24}$/),
      chat_id: expect.any(String),
      user_id: 'user-1',
      agent: 'assistant',
      model: 'small',
      status: 'completed',
      error_code: null,
      created_at: new Date(TODAY - 8 * 60_000).toISOString(),
      started_at: null,
      ended_at: expect.any(String),
      processing_time_ms: 500,
      attempt: 1,
      tool_calls: 1,
      total_tokens: 15,
      cost: { currency: 'USD', amount: 0.001 },
      events_expired: false,
    });
  });

  it.each<[string, string, number]>([
    ['all', '', RUNS],
    ['a status', 'status=pending', 3],
    ['what is worked on', 'status=processing', 4],
    ['what waits', 'status=waiting', 1],
    ['what was cancelled', 'status=cancelled', 1],
    ['what failed', 'status=error', RUNS / 20 - 1],
    ['a user', 'user=user-3', Math.ceil((RUNS - 3) / 7)],
    ['nobody', 'user=USER-3', 0],
    ['an agent', 'agent=rare', RUNS / 100],
    ['a model', 'model=large', 997],
    ['an error', 'code=rare_error', 1],
    ['an error of a status that has none', 'code=rare_error&status=completed', 0],
    ['slow ones', 'slower_than=1000', RUNS / 50 - 1],
    ['slow ones, exactly', 'slower_than=90000', 0],
    ['a time', `since=${new Date(TODAY - 9 * 60_000).toISOString()}`, 10],
    ['a time that ends', `until=${new Date(TODAY - 9 * 60_000).toISOString()}`, RUNS - 10],
    ['a day', `until=${new Date(TODAY - DAY_MS).toISOString().slice(0, 10)}`, RUNS - 1441],
    ['everything at once', 'user=user-6&status=error&code=rare_error&agent=assistant&slower_than=1', 1],
  ])('finds %s, in parts that leave out and repeat nothing', async (_, query, count) => {
    const found: any[] = [];
    for (let cursor = ''; ;) {
      const { status, body } = await get(`runs?page_size=97&${query}${cursor}`);
      expect(status).toBe(200);
      found.push(...body.items);
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(found).toHaveLength(count);
    expect(new Set(found.map(({ message_id }) => message_id)).size).toBe(count);
    const times = found.map(({ created_at }) => created_at);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('continues between runs of the same moment', async () => {
    const messages = database.connection.collection('messages');
    const moment = new Date('2001-01-01');
    await messages.insertMany(
      Array.from({ length: 5 }, (_, n) => ({
        ...runOf(100 + n),
        _id: new mongo.ObjectId(),
        created_at: moment,
      })),
    );
    const ids: string[] = [];
    for (let cursor = '', n = 0; n < 5; n++) {
      const { body } = await get(`runs?page_size=1&until=2001-01-02${cursor}`);
      ids.push(body.items[0].message_id);
      cursor = `&cursor=${body.next_cursor}`;
    }
    await messages.deleteMany({ created_at: moment });
    expect(new Set(ids).size).toBe(5);
  });

  const FILTERS: [string, RunFilter, number][] = [
    ['all', {}, 60],
    ['a user', { user: 'user-3' }, 60],
    ['a failure', { status: 'error' }, 60],
    ['an error code', { code: 'rare_error' }, RUNS / 20],
    ['open runs', { status: 'waiting' }, 10],
    ['a rare agent', { agent: 'rare' }, RUNS / 100],
    ['a model', { model: 'large' }, 60],
    ['slow ones', { slower_than: 1000 }, RUNS / 50],
    ['rare and slow ones', { slower_than: 1000, agent: 'rare', status: 'completed' }, RUNS / 100],
  ];
  it.each(FILTERS)('reads few messages for %s, by an index', async (_, filter, most) => {
    const list = stage.app.nest.get(RunList, { strict: false });
    const explained = await list.find(DEFAULT_TENANT, filter).limit(50).explain('executionStats');
    expect(JSON.stringify(explained['queryPlanner'].winningPlan)).not.toContain('COLLSCAN');
    expect(explained['executionStats'].totalDocsExamined).toBeLessThanOrEqual(most);
  });
});

describe('what was used', () => {
  it('by day', async () => {
    const { body } = await get('usage?by=day');
    const days = [3, 2, 1, 0].map((n) => new Date(TODAY - n * DAY_MS).toISOString().slice(0, 10));
    expect(body.items.map(({ key }: any) => key)).toEqual(days);
    expect(body.total).toEqual({
      messages: RUNS,
      runs: RUNS - 8,
      failed: RUNS / 20 - 1,
      prompt_tokens: 10 * (RUNS - 8),
      completion_tokens: 5 * (RUNS - 8),
      costs: expect.arrayContaining([
        { currency: 'EUR', amount: (RUNS - 8) / 2000 },
        { currency: 'USD', amount: (RUNS - 8) / 2000 },
      ]),
    });
    expect(body.items.reduce((sum: number, { messages }: any) => sum + Number(messages), 0)).toBe(RUNS);
  });

  it('by user and by model, those that used most first', async () => {
    const users = (await get('usage?by=user')).body.items;
    expect(users).toHaveLength(7);
    const models = (await get('usage?by=model')).body.items;
    expect(models.map(({ key }: any) => key)).toEqual(['small', 'large', null]);
    expect(models[2]).toMatchObject({ messages: 8, runs: 0, prompt_tokens: 0, costs: [] });
  });

  it('in a time', async () => {
    const day = new Date(TODAY - DAY_MS).toISOString().slice(0, 10);
    const { body } = await get(`usage?from=${day}&to=${new Date(TODAY).toISOString()}`);
    expect(body).toMatchObject({ from: `${day}T00:00:00.000Z`, total: { messages: 1440 } });
    expect((await get('usage?from=2001-01-01&to=2001-02-01')).body).toMatchObject({
      items: [],
      total: { messages: 0, costs: [] },
    });
  });

  it.each([
    ['an end before its begin', 'from=2025-02-01&to=2025-01-01'],
    ['more than 400 days', 'from=2001-01-01&to=2025-01-01'],
    ['another key', 'by=chat'],
  ])('refuses %s', async (_, query) => {
    expect(codeOf(await get(`usage?${query}`))).toEqual([400, 'validation_failed']);
  });

  it.each(['day', 'user', 'model'] as const)('by %s reads no message at all', async (key) => {
    const sums = stage.app.nest.get(UsageSums, { strict: false });
    const period = { from: new Date(0), to: new Date() };
    const plan = await sums.aggregate(DEFAULT_TENANT, key, period).explain('executionStats');
    expect(JSON.stringify(plan)).not.toMatch(/COLLSCAN|"FETCH"/);
    expect(/"totalDocsExamined":(\d+)/.exec(JSON.stringify(plan))?.[1]).toBe('0');
  });
});

describe('users', () => {
  it('are listed with their usage of the last 30 days, the last active first', async () => {
    for (const user of ['user-1', 'user-2'])
      await stage.client.get(`/api/users/${user}`, await stage.as(user));
    const { body } = await get('users?page_size=1');
    expect(body).toMatchObject({ total: 2, has_more: true });
    expect(body.items[0]).toMatchObject({
      user_id: 'user-2',
      usage: { messages: Math.ceil((RUNS - 2) / 7), prompt_tokens: expect.any(Number) },
    });
    expect(body.items[0].usage.prompt_tokens).toBeGreaterThan(4000);
  });
});

describe('the health of a deployment', () => {
  it('has findings, the work of the tenant, workers, and the engine', async () => {
    const { status, body } = await get('health');
    expect(status).toBe(200);
    expect(body.findings.map(({ check }: any) => check)).toEqual(
      expect.arrayContaining(['database', 'queue', 'model']),
    );
    expect(body.runs).toMatchObject({
      pending: 3,
      processing: 4,
      waiting: 1,
      workers: [{ name: 'host/1/a', runs: 4, late: false }],
    });
    expect(body.runs.oldest_pending_ms).toBeGreaterThan(0);
    expect(body.engine.kind).toBe('mongodb');
    expect(body.version).toMatch(/^\d+\.\d+/);
  });

  it('of another tenant’s administrator has nothing of this one', async () => {
    const other = await stage.as('root', { claims: { scope: 'admin', tenant_id: 'other' } });
    expect((await get('health', other)).body.runs).toMatchObject({ processing: 0, workers: [] });
    expect((await get('runs', other)).body.items).toHaveLength(2);
    expect((await get('users', other)).body.items).toEqual([]);
    expect((await get('usage', other)).body.total.messages).toBe(2);
  });
});

describe('an administrator who looks at what is others’', () => {
  it('leaves an entry for each thing, whatever the route; their own leaves none', async () => {
    const alice = await stage.as('alice');
    const asked = await stage.ask('alice', alice, 'Hello');
    (await stage.model.next('Hello')).text('Hi').finish();
    const mine = await stage.ask('root', admin, 'Mine');
    (await stage.model.next('Mine')).text('Yours').finish();
    const { chat_id, message_id } = asked;
    const paths = [
      `/api/users/alice/chats`,
      `/api/chats/${chat_id}`,
      `/api/chats/${chat_id}/messages`,
      `/api/messages/${message_id}`,
      `/api/messages/${message_id}/events`,
      `/api/chats/${chat_id}/messages/${message_id}/stream`,
      `/api/messages/${mine.message_id}`,
      '/api/users/root/chats',
      '/api/users/nobody-yet/chats',
      `/api/messages/${'0'.repeat(24)}`,
    ];
    for (const path of paths) await stage.client.get(path, admin);
    for (const path of paths.slice(0, 6)) await stage.client.get(path, alice);
    const { body } = await get('audit?action=admin_viewed&user=alice');
    const seen = body.items.map(({ object }: any) => `${object.kind} ${object.id}`);
    expect([...new Set(seen)].sort()).toEqual(
      [`chat ${chat_id}`, 'list chats', `message ${message_id}`].sort(),
    );
    for (const user of ['root', 'nobody-yet']) {
      const { items } = (await get(`audit?action=admin_viewed&user=${user}`)).body;
      expect(items.filter(({ about_user }: any) => about_user === user)).toEqual([]);
    }
  });
});

it.each(['runs', 'usage', 'users', 'health'])('%s are nobody else’s: 403', async (name) => {
  expect(codeOf(await get(name, await stage.as('alice')))).toEqual([403, 'insufficient_scope']);
  expect(codeOf(await get(name, {}))).toEqual([401, 'token_missing']);
});
