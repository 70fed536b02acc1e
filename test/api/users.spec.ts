import mongoose from 'mongoose';
import request from 'supertest';
import { ErasureRegistry } from '../../src/platform/erasure/index.js';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.destroy());

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const api = () => request(app.url);
const users = () => app.nest.get<mongoose.Connection>('DatabaseConnection').collection('users');

describe('GET /api/users/{user_id}', () => {
  it('creates the user on first use', async () => {
    const { status, body } = await api().get('/api/users/alice@company.com');
    expect(status).toBe(200);
    expect(body).toEqual({
      user_id: 'alice@company.com',
      name: null,
      email: null,
      created_at: expect.stringMatching(ISO),
      last_active: body.created_at,
    });
  });

  it('returns the same user again, and updates last_active', async () => {
    const first = (await api().get('/api/users/bob')).body;
    let again = first;
    while (again.last_active === first.last_active) again = (await api().get('/api/users/bob')).body;
    expect(again.created_at).toBe(first.created_at);
    expect(again.last_active > first.last_active).toBe(true);
  });

  it('creates one user for many concurrent first requests', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => api().get('/api/users/crowd')));
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(200));
    expect(await users().countDocuments({ user_id: 'crowd' })).toBe(1);
  });

  it.each(['Ærø Ångström', '用户', 'a?b#c', '$where', '__proto__', 'null', "'; drop", 'x'.repeat(200), '😀'])(
    'accepts %s as an id',
    async (id) => {
      const { status, body } = await api().get(`/api/users/${encodeURIComponent(id)}`);
      expect([status, body.user_id]).toEqual([200, id]);
    },
  );
});

describe('PATCH /api/users/{user_id}', () => {
  it('is 404 for an unknown user, and creates none', async () => {
    const { status, body } = await api().patch('/api/users/nobody').send({ name: 'x' });
    expect([status, body.code]).toEqual([404, 'user_not_found']);
    expect(await users().countDocuments({ user_id: 'nobody' })).toBe(0);
  });

  it.each([
    { email: 'not an email' },
    { email: '' },
    { email: { $ne: null } },
    { email: ['a@b.dk'] },
    { email: '\ud800@b.dk' },
    { email: `${'a'.repeat(300)}@b.dk` },
    { name: '' },
    { name: 5 },
    { name: 'x'.repeat(201) },
    { name: 'a\0' },
    { user_id: 'other' },
    { created_at: '2020-01-01' },
  ])('rejects %j', async (body) => {
    await api().get('/api/users/carol');
    const answer = await api().patch('/api/users/carol').send(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    expect(answer.body.errors[0].field).toBe(Object.keys(body)[0]);
  });

  it('changes what is sent, keeps what is not, clears what is null', async () => {
    await api().get('/api/users/dave');
    const both = await api().patch('/api/users/dave').send({ name: 'Dave', email: 'dave@company.com' });
    expect(both.body).toMatchObject({ name: 'Dave', email: 'dave@company.com' });
    const name = await api().patch('/api/users/dave').send({ name: null });
    expect(name.body).toMatchObject({ name: null, email: 'dave@company.com' });
    const nothing = await api().patch('/api/users/dave').send({});
    expect(nothing.status).toBe(200);
    expect(nothing.body).toEqual(name.body);
  });
});

describe('DELETE /api/users/{user_id}', () => {
  it('is 404 for an unknown user', async () => {
    const { status, body } = await api().delete('/api/users/nobody');
    expect([status, body.code]).toEqual([404, 'user_not_found']);
  });

  it('erases the user with all chats, but nobody else’s', async () => {
    const chats = await Promise.all([1, 2, 3].map(() => api().post('/api/users/erin/chats')));
    const other = await api().post('/api/users/frank/chats');
    expect((await api().delete('/api/users/erin')).status).toBe(204);
    for (const { body } of chats) expect((await api().get(`/api/chats/${body.chat_id}`)).status).toBe(404);
    expect((await api().get(`/api/chats/${other.body.chat_id}`)).status).toBe(200);
    expect(await users().countDocuments({ user_id: 'erin' })).toBe(0);
    expect((await api().delete('/api/users/erin')).status).toBe(404);
  });

  it('hides the chat if a dependent cannot be erased, and completes when the request is repeated', async () => {
    let broken = true;
    const erased: string[] = [];
    app.nest.get(ErasureRegistry).register({
      chats: (_tenant, ids) => {
        if (broken) return Promise.reject(new Error('disk on fire'));
        erased.push(...ids);
        return Promise.resolve();
      },
    });
    const { body: chat } = await api().post('/api/users/grace/chats');
    const failed = await api().delete('/api/users/grace');
    expect([failed.status, failed.body.code, failed.text.includes('fire')]).toEqual([
      500,
      'internal_error',
      false,
    ]);
    expect((await api().get(`/api/chats/${chat.chat_id}`)).status).toBe(404);
    broken = false;
    expect((await api().delete('/api/users/grace')).status).toBe(204);
    expect(erased).toEqual([chat.chat_id]);
    expect((await api().get(`/api/chats/${chat.chat_id}`)).status).toBe(404);
  });
});
