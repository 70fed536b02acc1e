import { startTestApp } from '../support/app.js';
import { Client, openDatabase, type Answer, type Database } from '../support/client.js';
import { SseReader } from '../support/sse.js';
import { until } from '../support/until.js';
import { AuthStage, bearer, codeOf } from './stage.js';

type Headers = Record<string, string>;

let stage: AuthStage;
let database: Database;
beforeAll(async () => {
  stage = await AuthStage.start();
  database = await openDatabase(stage.app);
});
afterAll(async () => {
  await database.close();
  await stage.stop();
});

const PATH = '/api/users/alice/tokens';
const create = async (body: object, headers?: Headers): Promise<Answer> =>
  stage.client.post(PATH, body, headers ?? (await stage.as('alice')));
const tokenFor = async (body: object = {}): Promise<{ id: string; headers: Headers }> => {
  const { body: made } = await create({ name: 'test', ...body });
  return { id: made.token_id, headers: bearer(made.token) };
};
const me = (headers: Headers): Promise<Answer> => stage.client.get('/api/session', headers);

describe('a personal token', () => {
  it('is shown once, and stored as a hash', async () => {
    const { status, body, headers } = await create({
      name: 'Nightly',
      scopes: ['write'],
      expires_in_days: null,
    });
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(body).toMatchObject({
      name: 'Nightly',
      scopes: ['read', 'write'],
      expires_at: null,
      last_used_at: null,
    });
    expect(body.token).toMatch(/^rp_[\w-]{51}$/);
    const list = await stage.client.get(PATH, await stage.as('alice'));
    const { token, ...shown } = body;
    expect(list.body.items[0]).toEqual(shown);
    const stored = await database.connection.collection('access_tokens').find().toArray();
    expect(JSON.stringify(stored)).not.toContain(token.slice(3, 40));
    expect(stored[0]?.['hash']).toMatch(/^[\w-]{43}$/);
  });

  it('stands for its user, and notes when it was used', async () => {
    const { headers, id } = await tokenFor({ scopes: ['read'] });
    expect((await me(headers)).body).toMatchObject({
      user_id: 'alice',
      tenant_id: 'default',
      is_admin: false,
    });
    await until('its use is noted', async () => {
      const { body } = await stage.client.get(PATH, await stage.as('alice'));
      return body.items.find(({ token_id }: any) => token_id === id).last_used_at;
    });
    expect(codeOf(await stage.client.get('/api/users/bob', headers))).toEqual([404, 'user_not_found']);
  });

  it('for reading does not write, and none creates or withdraws tokens', async () => {
    const [reading, writing] = [await tokenFor(), await tokenFor({ scopes: ['read', 'write'] })];
    const path = '/api/users/alice/chats';
    expect((await stage.client.get(path, reading.headers)).status).toBe(200);
    const refused = await stage.client.post(path, {}, reading.headers);
    expect(codeOf(refused)).toEqual([403, 'insufficient_scope']);
    expect(refused.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect((await stage.client.post(path, {}, writing.headers)).status).toBe(201);
    for (const { headers } of [reading, writing]) {
      expect(codeOf(await create({ name: 'more' }, headers))).toEqual([403, 'insufficient_scope']);
      expect(codeOf(await stage.client.get(PATH, headers))).toEqual([403, 'insufficient_scope']);
      const del = await stage.client.request('DELETE', `${PATH}/${reading.id}`, undefined, headers);
      expect(codeOf(del)).toEqual([403, 'insufficient_scope']);
    }
  });

  it('of an administrator is not one of an administrator', async () => {
    const admin = await stage.as('root', { claims: { scope: 'admin' } });
    const { body } = await stage.client.post('/api/users/root/tokens', { name: 'x' }, admin);
    expect((await me(bearer(body.token))).body).toMatchObject({ user_id: 'root', is_admin: false });
    const forHer = await create({ name: 'by root' }, admin);
    expect((await me(bearer(forHer.body.token))).body.user_id).toBe('alice');
  });

  it('is not accepted from the moment it is withdrawn, nor is what was issued with it', async () => {
    const { id, headers } = await tokenFor({ scopes: ['write'] });
    const asked = await stage.ask('alice', headers, 'withdrawn?');
    const turn = await stage.model.next('withdrawn?');
    const [byTicket, byToken] = [
      await SseReader.open(stage.app.url + asked.stream_url),
      fetch(`${stage.app.url}${asked.stream_url.split('?')[0] ?? ''}`, { headers }).then(async (answer) =>
        answer.text(),
      ),
    ];
    const other = await startTestApp(stage.app.env); // another process, which knows the token as well
    const there = new Client(other.url);
    expect((await there.get('/api/session', headers)).status).toBe(200);

    const alice = await stage.as('alice');
    const withdrawn = await stage.client.request('DELETE', `${PATH}/${id}`, undefined, alice);
    expect(withdrawn.status).toBe(204);

    for (const client of [stage.client, there]) {
      expect(codeOf(await client.get('/api/session', headers))).toEqual([401, 'token_invalid']);
      expect(codeOf(await client.get(asked.stream_url))).toEqual([401, 'ticket_expired']);
    }
    await byTicket.ended; // although the run goes on
    expect(await byToken).not.toContain('event: end');
    turn.text('x').finish();
    await other.stop();
    const again = await stage.client.request('DELETE', `${PATH}/${id}`, undefined, alice);
    expect(codeOf(again)).toEqual([404, 'token_not_found']);
  });

  it('expires', async () => {
    const { id, headers } = await tokenFor({ expires_in_days: 1 });
    const { body } = await stage.client.get(PATH, await stage.as('alice'));
    const { expires_at } = body.items.find(({ token_id }: any) => token_id === id);
    expect(Math.abs(Date.parse(expires_at) - Date.now() - 86_400_000)).toBeLessThan(60_000);
    await database.connection
      .collection('access_tokens')
      .updateMany({ name: 'test' }, { $set: { expires_at: new Date(Date.now() - 1) } });
    expect(codeOf(await me(headers))).toEqual([401, 'token_expired']);
  });

  it('is erased with its user', async () => {
    const dora = await stage.as('dora');
    const { body } = await stage.client.post('/api/users/dora/tokens', { name: 'x' }, dora);
    expect((await me(bearer(body.token))).status).toBe(200);
    expect((await stage.client.request('DELETE', '/api/users/dora', undefined, dora)).status).toBe(204);
    expect(codeOf(await me(bearer(body.token)))).toEqual([401, 'token_invalid']);
    expect(await database.connection.collection('access_tokens').countDocuments({ user_id: 'dora' })).toBe(0);
  });

  it('costs the database nothing if it was guessed', async () => {
    const { headers } = await tokenFor();
    const token = headers['authorization']!.slice(7);
    const queries = await countQueries(async () => {
      for (let i = 0; i < 50; i++) {
        const guess =
          `rp_${Buffer.from(crypto.getRandomValues(new Uint8Array(38))).toString('base64url')}`.slice(0, 54);
        expect(codeOf(await me(bearer(guess)))).toEqual([401, 'token_invalid']);
      }
      expect(codeOf(await me(bearer(token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A'))))).toEqual([
        401,
        'token_invalid',
      ]);
    });
    expect(queries).toBe(0);
    expect(await countQueries(() => me(headers))).toBeGreaterThan(0);
  });

  it.each<[string, object]>([
    ['no name', {}],
    ['a blank name', { name: ' ' }],
    ['too long a name', { name: 'x'.repeat(201) }],
    ['no scopes', { name: 'x', scopes: [] }],
    ['unknown scopes', { name: 'x', scopes: ['admin'] }],
    ['scopes as a text', { name: 'x', scopes: 'write' }],
    ['a past', { name: 'x', expires_in_days: -1 }],
    ['no day', { name: 'x', expires_in_days: 0 }],
    ['part of a day', { name: 'x', expires_in_days: 0.5 }],
    ['an eternity', { name: 'x', expires_in_days: 1e6 }],
    ['its own text', { name: 'x', token: 'rp_mine' }],
  ])('cannot have %s', async (_, body) => {
    expect(codeOf(await create(body))).toEqual([400, 'validation_failed']);
  });

  it('has an id of 24 digits', async () => {
    const answer = await stage.client.request('DELETE', `${PATH}/zzz`, undefined, await stage.as('alice'));
    expect(codeOf(answer)).toEqual([400, 'invalid_token_id']);
  });

  it('is one of fifty at most', async () => {
    const eve = await stage.as('eve');
    const make = (): Promise<Answer> => stage.client.post('/api/users/eve/tokens', { name: 'x' }, eve);
    for (let i = 0; i < 50; i++) expect((await make()).status).toBe(201);
    expect(codeOf(await make())).toEqual([409, 'too_many_tokens']);
  });
});

/** How often the collection of tokens was asked. */
async function countQueries(work: () => Promise<unknown>): Promise<number> {
  const model = stage.app.nest.get<{ findOne: (...given: unknown[]) => unknown }>('AccessTokenModel');
  const { findOne } = model;
  let count = 0;
  model.findOne = (...given) => {
    count++;
    return findOne.apply(model, given);
  };
  try {
    await work();
    return count;
  } finally {
    model.findOne = findOne;
  }
}
