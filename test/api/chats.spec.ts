import mongoose from 'mongoose';
import request from 'supertest';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.destroy());

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const api = () => request(app.url);
const newChat = async (user: string, title?: string) =>
  (
    await api()
      .post(`/api/users/${user}/chats`)
      .send(title === undefined ? {} : { title })
  ).body;
const titles = (body: any): string[] => body.items.map((chat: { title: string }) => chat.title);

describe('POST /api/users/{user_id}/chats', () => {
  it('starts a chat and creates its user', async () => {
    const { status, body } = await api()
      .post('/api/users/alice@company.com/chats')
      .send({ title: 'SKI 02.15 Analysis' });
    expect(status).toBe(201);
    expect(body).toEqual({
      chat_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      user_id: 'alice@company.com',
      title: 'SKI 02.15 Analysis',
      created_at: expect.stringMatching(/Z$/),
      updated_at: body.created_at,
      message_count: 0,
    });
  });

  it.each([{}, { title: null }])('calls it "New chat" for %j', async (body) => {
    const answer = await api().post('/api/users/alice/chats').send(body);
    expect([answer.status, answer.body.title]).toEqual([201, 'New chat']);
  });
});

describe('GET /api/chats/{chat_id}', () => {
  it('is 404 for a chat that does not exist', async () => {
    const { status, body } = await api().get(`/api/chats/${UNKNOWN}`);
    expect([status, body.code]).toEqual([404, 'chat_not_found']);
  });

  it('gives the chat, also by an id in capitals', async () => {
    const chat = await newChat('bob', 'One');
    expect((await api().get(`/api/chats/${chat.chat_id}`)).body).toEqual(chat);
    expect((await api().get(`/api/chats/${chat.chat_id.toUpperCase()}`)).body).toEqual(chat);
  });
});

describe('PATCH /api/chats/{chat_id}', () => {
  it('is 404 for a chat that does not exist', async () => {
    const { status, body } = await api().patch(`/api/chats/${UNKNOWN}`).send({ title: 'x' });
    expect([status, body.code]).toEqual([404, 'chat_not_found']);
  });

  it.each([
    { title: null },
    { title: '' },
    { title: { $set: 1 } },
    { title: 'x'.repeat(201) },
    { user_id: 'eve' },
    { message_count: 9 },
  ])('rejects %j', async (body) => {
    const chat = await newChat('bob', 'Kept');
    const answer = await api().patch(`/api/chats/${chat.chat_id}`).send(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    expect((await api().get(`/api/chats/${chat.chat_id}`)).body).toEqual(chat);
  });

  it('renames, and does nothing without a title', async () => {
    const chat = await newChat('bob', 'Before');
    expect((await api().patch(`/api/chats/${chat.chat_id}`).send({})).body).toEqual(chat);
    const { body } = await api().patch(`/api/chats/${chat.chat_id}`).send({ title: 'After' });
    expect(body).toEqual({ ...chat, title: 'After', updated_at: body.updated_at });
    expect(body.updated_at >= chat.updated_at).toBe(true);
  });
});

describe('DELETE /api/chats/{chat_id}', () => {
  it('is 404 for a chat that does not exist', async () => {
    expect((await api().delete(`/api/chats/${UNKNOWN}`)).body.code).toBe('chat_not_found');
  });

  it('deletes this chat and no other', async () => {
    const [gone, kept] = [await newChat('carol', 'Gone'), await newChat('carol', 'Kept')];
    expect((await api().delete(`/api/chats/${gone.chat_id}`)).status).toBe(204);
    expect((await api().get(`/api/chats/${gone.chat_id}`)).status).toBe(404);
    expect(titles((await api().get('/api/users/carol/chats')).body)).toEqual(['Kept']);
    expect((await api().get(`/api/chats/${kept.chat_id}`)).status).toBe(200);
  });
});

describe('GET /api/users/{user_id}/chats', () => {
  it('is empty for an unknown user', async () => {
    const { status, body } = await api().get('/api/users/stranger/chats');
    expect(status).toBe(200);
    expect(body).toEqual({ items: [], total: 0, page: 1, page_size: 20, total_pages: 0, has_more: false });
  });

  it('lists the newest activity first, page by page, and only this user’s', async () => {
    await newChat('other', 'Not mine');
    for (const title of ['one', 'two', 'three', 'four', 'five']) await newChat('dora', title);
    const all = (await api().get('/api/users/dora/chats')).body;
    expect(all).toMatchObject({ total: 5, total_pages: 1, has_more: false });
    const times = all.items.map((chat: { updated_at: string }) => chat.updated_at);
    expect(times).toEqual([...times].sort().reverse());
    const pages = await Promise.all(
      [1, 2, 3, 4].map((page) => api().get(`/api/users/dora/chats?page=${page}&page_size=2`)),
    );
    expect(pages.flatMap(({ body }) => titles(body))).toEqual(titles(all));
    expect(pages.map(({ body }) => [body.items.length, body.has_more])).toEqual([
      [2, true],
      [2, true],
      [1, false],
      [0, false],
    ]);
    expect(pages[0]?.body).toMatchObject({ total: 5, page: 1, page_size: 2, total_pages: 3 });
  });

  it('moves a chat to the top when something happens in it', async () => {
    const first = await newChat('emil', 'first');
    await newChat('emil', 'second');
    let renamed = first;
    while (titles((await api().get('/api/users/emil/chats')).body)[0] !== 'renamed') {
      renamed = (await api().patch(`/api/chats/${first.chat_id}`).send({ title: 'renamed' })).body;
    }
    expect(renamed.updated_at > first.updated_at).toBe(true);
  });

  it('finds a part of the title, whatever its case, page by page', async () => {
    for (const title of ['Tender ANALYSIS', 'Ære og analyse', 'Analysis of CSR', 'Lunch'])
      await newChat('frida', title);
    const search = async (text: string, more = '') =>
      (await api().get(`/api/users/frida/chats?search=${encodeURIComponent(text)}${more}`)).body;
    expect(titles(await search('analysis'))).toEqual(['Analysis of CSR', 'Tender ANALYSIS']);
    expect(titles(await search('ære'))).toEqual(['Ære og analyse']);
    const first = await search('anal', '&page_size=2');
    expect(first).toMatchObject({ total: 3, total_pages: 2, has_more: true });
    expect(titles(first)).toEqual(['Analysis of CSR', 'Ære og analyse']);
    expect(titles(await search('anal', '&page_size=2&page=2'))).toEqual(['Tender ANALYSIS']);
  });

  it.each([
    ['.*', []],
    ['50% (net)?', ['50% (net)?']],
    ['$where', []],
    ['a\\b[', ['a\\b[c]']],
    ['^', []],
    ['(a+)+$', []],
  ])('treats every character of the search %j literally', async (text, found) => {
    if (titles((await api().get('/api/users/gerd/chats')).body).length === 0)
      for (const title of ['50% (net)?', 'a\\b[c]', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa!'])
        await newChat('gerd', title);
    const { status, body } = await api().get('/api/users/gerd/chats').query({ search: text });
    expect([status, titles(body)]).toEqual([200, found]);
  });

  it.each(['search=', 'search=%20', `search=${'x'.repeat(201)}`, 'search=a&search=b', 'search=%00'])(
    'rejects %s',
    async (query) => {
      const { status, body } = await api().get(`/api/users/dora/chats?${query}`);
      expect([status, body.code, body.errors?.[0]?.field]).toEqual([400, 'validation_failed', 'search']);
    },
  );

  it('returns an empty page far beyond the end', async () => {
    const { status, body } = await api().get('/api/users/emil/chats?page=1000000&page_size=100');
    expect([status, body.items]).toEqual([200, []]);
  });

  it('is served by an index, in its order', async () => {
    const chats = app.nest.get<mongoose.Connection>('DatabaseConnection').collection('chats');
    const plan = await chats
      .find({ tenant_id: 'default', user_id: 'dora' })
      .sort({ updated_at: -1, _id: 1 })
      .explain('queryPlanner');
    const text = JSON.stringify(plan['queryPlanner'].winningPlan);
    expect(text).toContain('IXSCAN');
    expect(text).not.toMatch(/COLLSCAN|"SORT"/);
  });
});
