import { startTestApp } from '../support/app.js';
import { answerOf, Client, openDatabase, type Answer, type Created } from '../support/client.js';
import { until } from '../support/until.js';
import { HARD_TEXT, HARD_TEXT_STORED, playRichRun, RICH_ANSWER, setStage, type Stage } from './setup.js';

/** §1 of the contract, row by row. Documents, users and chats have their own specs in `test/api`. */

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const OBJECT_ID = /^[0-9a-f]{24}$/;
const time = expect.stringMatching(TIME) as unknown;
const NOBODY = '00000000-0000-4000-8000-000000000000';
const NOTHING = '000000000000000000000000';

describe('resources', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ MODEL_RETRIES: '0' });
  });
  afterAll(() => stage.close());

  const get = (path: string): Promise<Answer> => stage.client.get(path);
  const post = (path: string, body?: unknown): Promise<Answer> => stage.client.post(path, body);

  /** A finished run; the chat's first. */
  const exchange = async (user: string, question: string): Promise<Created & { chat: string }> => {
    const chat = await stage.client.newChat(user);
    const created = await stage.client.send(chat, question);
    (await stage.model.next(question)).text(`Answer to ${question}`).finish();
    await stage.client.ended(created);
    return { ...created, chat };
  };

  describe('users', () => {
    it('are created on first use, and last_active is updated', async () => {
      const first = await get('/api/users/new%40company.com');
      expect(first).toMatchObject({ status: 200 });
      expect(first.body).toEqual({
        user_id: 'new@company.com',
        name: null,
        email: null,
        created_at: time,
        last_active: time,
      });
      await until('the clock has moved', () => Date.now() > Date.parse(first.body.last_active));
      const second = await get('/api/users/new%40company.com');
      expect(second.body.created_at).toBe(first.body.created_at);
      expect(Date.parse(second.body.last_active)).toBeGreaterThan(Date.parse(first.body.last_active));
    });

    it('have a name and an email that can be changed separately', async () => {
      await get('/api/users/patched');
      const named = await stage.client.patch('/api/users/patched', { name: 'Pat' });
      expect(named).toMatchObject({ status: 200, body: { name: 'Pat', email: null } });
      const mailed = await stage.client.patch('/api/users/patched', { email: 'pat@company.com' });
      expect(mailed).toMatchObject({ status: 200, body: { name: 'Pat', email: 'pat@company.com' } });
    });
  });

  describe('chats', () => {
    it('are created with or without a title', async () => {
      const titled = await post('/api/users/chatty/chats', { title: 'SKI 02.15' });
      expect(titled.status).toBe(201);
      expect(titled.body).toEqual({
        chat_id: expect.stringMatching(UUID),
        user_id: 'chatty',
        title: 'SKI 02.15',
        created_at: time,
        updated_at: time,
        message_count: 0,
      });
      const untitled = await post('/api/users/chatty/chats');
      expect(untitled.status).toBe(201);
      expect(typeof untitled.body.title).toBe('string');
      expect((await get(`/api/chats/${titled.body.chat_id}`)).body).toEqual(titled.body);
    });

    it('are listed in pages, newest activity first', async () => {
      const chats: string[] = [];
      for (let i = 0; i < 3; i++) chats.push(await stage.client.newChat('lister'));
      const created = await stage.client.send(chats[0]!, 'moves up');
      (await stage.model.next('moves up')).text('x').finish();
      await stage.client.ended(created);
      const page = await get('/api/users/lister/chats?page=1&page_size=2');
      expect(page.status).toBe(200);
      expect(page.body).toMatchObject({ total: 3, page: 1, page_size: 2, total_pages: 2, has_more: true });
      expect(page.body.items.map(({ chat_id }: { chat_id: string }) => chat_id)).toEqual([
        chats[0],
        chats[2],
      ]);
      expect(page.body.items[0].message_count).toBe(2);
      const rest = await get('/api/users/lister/chats?page=2&page_size=2');
      expect(rest.body).toMatchObject({ items: [{ chat_id: chats[1] }], has_more: false });
    });

    it('are renamed', async () => {
      const chat = await stage.client.newChat();
      const renamed = await stage.client.patch(`/api/chats/${chat}`, { title: 'New title' });
      expect(renamed).toMatchObject({ status: 200, body: { chat_id: chat, title: 'New title' } });
      expect((await get(`/api/chats/${chat}`)).body.title).toBe('New title');
    });
  });

  describe('messages', () => {
    it('are created: 201 with the id and where to follow', async () => {
      const chat = await stage.client.newChat();
      const metadata = { tender_id: '68c99b8a10844521ad051544', nested: { list: [1, null, 'x'] } };
      const created = await post(`/api/chats/${chat}/messages`, {
        content: 'create me',
        metadata,
        agent: 'assistant',
      });
      expect(created.status).toBe(201);
      const { message_id } = created.body;
      expect(message_id).toMatch(OBJECT_ID);
      const stream_url = `/api/chats/${chat}/messages/${message_id}/stream`;
      expect(created.body).toEqual({ message_id, stream_url });
      (await stage.model.next('create me'))
        .text('Created.')
        .finish({ prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 });
      await stage.client.ended(created.body);
      expect(await stage.client.message(message_id)).toEqual({
        message_id,
        chat_id: chat,
        role: 'user',
        content: 'create me',
        status: 'completed',
        metadata,
        created_at: time,
        processing_time_ms: expect.any(Number),
        agent: 'assistant',
        parent_message_id: null,
        stream_url,
        run: {
          status: 'completed',
          attempt: 1,
          agent_version: expect.stringMatching(/^[0-9a-f]{12}$/),
          queued_at: time,
          started_at: time,
          ended_at: time,
          usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
          model: 'scripted',
          tool_calls: 0,
          error: null,
          cancel_requested: false,
        },
      });
    });

    it('have their answer as a second message with metadata.reply_to, and no run', async () => {
      const { chat, message_id } = await exchange('replies', 'reply to me');
      const [question, answer] = await stage.client.history(chat);
      expect(question).toMatchObject({ message_id, role: 'user' });
      expect(answer).toEqual({
        message_id: expect.stringMatching(OBJECT_ID),
        chat_id: chat,
        role: 'assistant',
        content: 'Answer to reply to me',
        status: 'completed',
        metadata: { reply_to: message_id },
        created_at: time,
        processing_time_ms: expect.any(Number),
        agent: 'assistant',
      });
      expect(await stage.client.message(answer.message_id)).toMatchObject({ role: 'assistant', run: null });
    });

    it('are listed in pages, oldest first', async () => {
      const chat = await stage.client.newChat();
      for (let i = 0; i < 13; i++) {
        const created = await stage.client.send(chat, `q${i}`);
        (await stage.model.next(`q${i}`)).text(`a${i}`).finish();
        await stage.client.ended(created);
      }
      const path = `/api/chats/${chat}/messages`;
      const expected = Array.from({ length: 13 }, (_, i) => [`q${i}`, `a${i}`]).flat();
      const contents = ({ body }: Answer): string[] =>
        body.items.map(({ content }: { content: string }) => content);
      const first = await get(path);
      expect(first.body).toMatchObject({ total: 26, page: 1, page_size: 20, total_pages: 2, has_more: true });
      expect(contents(first)).toEqual(expected.slice(0, 20));
      const second = await get(`${path}?page=2`);
      expect(second.body).toMatchObject({ total: 26, page: 2, total_pages: 2, has_more: false });
      expect(contents(second)).toEqual(expected.slice(20));
      expect(contents(await get(`${path}?page=4&page_size=5`))).toEqual(expected.slice(15, 20));
      expect((await get(`${path}?page=9`)).body).toMatchObject({ items: [], total: 26, has_more: false });
      expect(contents(await get(`${path}?page_size=100`))).toEqual(expected);
      expect(contents(await get(`${path}?page_size=1`))).toEqual(['q0']);
      expect((await get(`/api/chats/${chat}`)).body.message_count).toBe(26);
    });

    it.each([
      'page_size=0',
      'page_size=101',
      'page_size=x',
      'page=0',
      'page=-1',
      'page=1.5',
      'page=1&page=2',
      'pages=1',
    ])('are not listed with ?%s: 400', async (query) => {
      const chat = await stage.client.newChat();
      const answer = await get(`/api/chats/${chat}/messages?${query}`);
      expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
      expect(answer.body.errors.length).toBeGreaterThan(0);
    });

    it('keep any text except NUL as sent', async () => {
      const chat = await stage.client.newChat();
      const created = await stage.client.send(chat, HARD_TEXT_STORED);
      (await stage.model.next(HARD_TEXT_STORED)).text(HARD_TEXT).finish();
      await stage.client.ended(created);
      expect((await stage.client.history(chat)).map(({ content }) => content)).toEqual([
        HARD_TEXT_STORED,
        HARD_TEXT_STORED,
      ]);
    });
  });

  describe('events', () => {
    it('are replayed from any id on, with a limit, and all by default', async () => {
      const created = await stage.client.send(await stage.client.newChat(), 'replay');
      await playRichRun(stage.model, 'replay');
      const events = await stage.client.ended(created);
      const path = `/api/messages/${created.message_id}/events`;
      expect((await get(path)).body).toEqual(events);
      for (const [index, { id }] of events.entries())
        expect((await get(`${path}?since=${id}`)).body).toEqual(events.slice(index + 1));
      expect((await get(`${path}?limit=3`)).body).toEqual(events.slice(0, 3));
      expect((await get(`${path}?since=${events[1]!.id}&limit=2`)).body).toEqual(events.slice(2, 4));
      expect((await get(`${path}?limit=1000000`)).body).toEqual(events);
      for (const query of ['limit=0', 'limit=-1', 'limit=x', 'before=1'])
        expect(await get(`${path}?${query}`)).toMatchObject({
          status: 400,
          body: { code: 'validation_failed' },
        });
      for (const since of ['nonsense', '1760270888823_0001_a26344ee'])
        expect(await get(`${path}?since=${since}`)).toMatchObject({
          status: 400,
          body: { code: 'unknown_event_id' },
        });
    });

    it('are an empty array while the run waits, and what exists so far while it is active', async () => {
      const chat = await stage.client.newChat();
      const running = await stage.client.send(chat, 'goes on');
      const answer = (await stage.model.next('goes on')).text('x');
      const queued = await stage.client.send(chat, 'waits');
      expect(await stage.client.replay(queued.message_id)).toEqual([]);
      const reader = await stage.client.stream(running);
      await reader.count(2);
      expect(await stage.client.replay(running.message_id)).toEqual(reader.events);
      answer.finish();
      (await stage.model.next('waits')).text('x').finish();
      await stage.client.ended(queued);
      await reader.close();
    });

    it('are complete for a long log', async () => {
      const created = await stage.client.send(await stage.client.newChat(), 'long log');
      const answer = await stage.model.next('long log');
      for (let i = 0; i < 1500; i++) answer.reasoning(`thought ${i}\n\n`);
      answer.text('x').finish();
      const events = await stage.client.ended(created);
      expect(events).toHaveLength(1503);
      expect(await stage.client.replay(created.message_id)).toEqual(events);
      expect(await stage.client.replay(created.message_id, '?limit=1200')).toEqual(events.slice(0, 1200));
    });
  });

  describe('tool calls', () => {
    it("have full arguments and results, in the model's order", async () => {
      const created = await stage.client.send(await stage.client.newChat(), 'tools');
      const long = 'a long line of text. '.repeat(1000);
      const first = await stage.model.next('tools');
      first
        .toolCall('write_file', { path: 'long.md', content: long }, 'w')
        .toolCall('read_file', { path: 'no.md' }, 'r')
        .toolCall('no_such_tool', {}, 'n')
        .finish();
      (await stage.model.next('tools')).toolCall('read_file', { path: 'long.md' }, 'r2').finish();
      const last = await stage.model.next('tools');
      expect(last.messages.find(({ tool_call_id }) => tool_call_id === 'r2')?.content).toBe(long);
      last.text('Done.').finish();
      const events = await stage.client.ended(created);
      const { status, body } = await get(`/api/messages/${created.message_id}/tool-calls`);
      expect(status).toBe(200);
      const common = { ms: expect.any(Number), started_at: time, ended_at: time };
      expect(body).toEqual([
        {
          ...common,
          approval: null,
          call_id: 'w',
          name: 'write_file',
          arguments: JSON.stringify({ path: 'long.md', content: long }),
          result: expect.stringContaining('long.md'),
          status: 'ok',
          error_code: null,
        },
        {
          ...common,
          approval: null,
          call_id: 'r',
          name: 'read_file',
          arguments: '{"path":"no.md"}',
          result: expect.stringContaining('no.md'),
          status: 'error',
          error_code: 'file_not_found',
        },
        {
          ...common,
          approval: null,
          call_id: 'n',
          name: 'no_such_tool',
          arguments: '{}',
          result: expect.stringContaining('no_such_tool'),
          status: 'error',
          error_code: 'unknown_tool',
        },
        {
          ...common,
          approval: null,
          call_id: 'r2',
          name: 'read_file',
          arguments: '{"path":"long.md"}',
          result: long,
          status: 'ok',
          error_code: null,
        },
      ]);
      expect(JSON.stringify(events)).not.toContain(long);
      expect((await stage.client.message(created.message_id)).run.tool_calls).toBe(4);
    });

    it('are an empty array if there were none', async () => {
      const { message_id } = await exchange('toolless', 'no tools');
      expect(await get(`/api/messages/${message_id}/tool-calls`)).toMatchObject({ status: 200, body: [] });
    });
  });

  describe('retry', () => {
    it('asks again in a new message with metadata.retry_of, and leaves the old log unchanged', async () => {
      const chat = await stage.client.newChat();
      const old = await stage.client.send(chat, 'once more', { metadata: { tender_id: 't1' } });
      (await stage.model.next('once more')).fail(400);
      const log = await stage.client.ended(old);
      const again = await post(`/api/messages/${old.message_id}/retry`);
      expect(again.status).toBe(201);
      expect(again.body.message_id).not.toBe(old.message_id);
      expect(again.body.stream_url).toBe(`/api/chats/${chat}/messages/${again.body.message_id}/stream`);
      (await stage.model.next('once more')).text('This time.').finish();
      await stage.client.ended(again.body);
      expect(await stage.client.message(again.body.message_id)).toMatchObject({
        content: 'once more',
        status: 'completed',
        metadata: { tender_id: 't1', retry_of: old.message_id },
      });
      expect(await stage.client.replay(old.message_id)).toEqual(log);
      expect(await stage.client.message(old.message_id)).toMatchObject({
        status: 'error',
        metadata: { tender_id: 't1' },
      });
    });

    it('is rejected while the run is active or waits: 409', async () => {
      const chat = await stage.client.newChat();
      const running = await stage.client.send(chat, 'still running');
      const answer = await stage.model.next('still running');
      const waiting = await stage.client.send(chat, 'still waiting');
      for (const { message_id } of [running, waiting])
        expect(await post(`/api/messages/${message_id}/retry`)).toMatchObject({
          status: 409,
          body: { code: 'run_not_ended', retryable: true },
        });
      answer.text('x').finish();
      (await stage.model.next('still waiting')).text('x').finish();
      await stage.client.ended(waiting);
    });
  });

  it('cancel answers 202, and the text stays', async () => {
    const chat = await stage.client.newChat();
    const created = await stage.client.send(chat, 'cancelled');
    (await stage.model.next('cancelled')).text('What was streamed.');
    const reader = await stage.client.stream(created);
    await reader.count(2);
    expect((await stage.client.cancel(created.message_id)).status).toBe(202);
    await reader.all();
    expect((await stage.client.history(chat))[1]).toMatchObject({
      content: 'What was streamed.',
      status: 'cancelled',
    });
  });

  describe('deletion', () => {
    const COLLECTIONS = ['messages', 'message_events', 'tool_calls', 'workspace_files'];

    /** How many documents of some chats each collection contains. */
    const left = async (chats: string[]): Promise<number[]> => {
      const { connection, close } = await openDatabase(stage.app);
      const counts = await Promise.all([
        ...COLLECTIONS.map((name) => connection.collection(name).countDocuments({ chat_id: { $in: chats } })),
        connection.collection('chats').countDocuments({ _id: { $in: chats } as never }),
      ]);
      await close();
      return counts;
    };
    const richChat = async (user: string): Promise<Created & { chat: string }> => {
      const chat = await stage.client.newChat(user);
      const created = await stage.client.send(chat, `rich of ${chat}`);
      await playRichRun(stage.model, `rich of ${chat}`);
      await stage.client.ended(created);
      return { ...created, chat };
    };
    const expectGone = async ({
      chat,
      message_id,
      stream_url,
    }: Created & { chat: string }): Promise<void> => {
      for (const path of [
        `/api/chats/${chat}`,
        `/api/chats/${chat}/messages`,
        `/api/messages/${message_id}`,
        `/api/messages/${message_id}/events`,
        `/api/messages/${message_id}/tool-calls`,
        stream_url,
      ])
        expect(await get(path)).toMatchObject({ status: 404 });
    };

    it('of a chat deletes its messages, events, tool calls and files, and no others', async () => {
      const [gone, kept] = [await richChat('eraser'), await richChat('eraser')];
      expect(await left([gone.chat])).toEqual([2, 12, 3, 1, 1]);
      const deleted = await stage.client.delete(`/api/chats/${gone.chat}`);
      expect(deleted).toMatchObject({ status: 204, body: '' });
      expect(await left([gone.chat])).toEqual([0, 0, 0, 0, 0]);
      await expectGone(gone);
      expect(await left([kept.chat])).toEqual([2, 12, 3, 1, 1]);
      expect((await stage.client.history(kept.chat))[1].content).toBe(RICH_ANSWER);
      expect((await stage.client.delete(`/api/chats/${gone.chat}`)).status).toBe(404);
    });

    it('of a user deletes all their chats, even with an active run, and no others', async () => {
      const [one, two, other] = [
        await richChat('leaver'),
        await richChat('leaver'),
        await richChat('stayer'),
      ];
      const running = await stage.client.send(one.chat, 'runs when its user goes');
      const answer = (await stage.model.next('runs when its user goes')).text('x');
      const viewer = await stage.client.stream(running);
      await viewer.count(2);
      expect((await stage.client.delete('/api/users/leaver')).status).toBe(204);
      await Promise.all([viewer.ended, answer.hungUp]);
      expect(await left([one.chat, two.chat])).toEqual([0, 0, 0, 0, 0]);
      await expectGone(one);
      await expectGone(two);
      expect(await left([other.chat])).toEqual([2, 12, 3, 1, 1]);
      expect((await get('/api/users/leaver/chats')).body).toMatchObject({ items: [], total: 0 });
      expect((await stage.client.delete('/api/users/leaver')).status).toBe(404);
    });
  });

  describe('errors', () => {
    let chat: string;
    let done: Created & { chat: string };
    beforeAll(async () => {
      chat = await stage.client.newChat('erring');
      done = await exchange('erring', 'for errors');
    });

    const expectProblem = (answer: Answer, status: number, code: string): void => {
      expect(answer).toMatchObject({ status });
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.body).toEqual({
        type: expect.stringContaining(code),
        title: expect.stringMatching(/\S/),
        status,
        detail: expect.stringMatching(/\S/),
        code,
        retryable: false,
        request_id: answer.headers.get('x-request-id'),
        ...(code === 'validation_failed' && {
          errors: expect.arrayContaining([{ field: expect.any(String), message: expect.any(String) }]),
        }),
      });
      expect(JSON.stringify(answer.body)).not.toMatch(/\.[jt]s:\d|node_modules|Mongo/);
    };

    it.each([
      ['{"content":', 400, 'invalid_json'],
      ['', 400, 'validation_failed'],
      ['[]', 400, 'validation_failed'],
      ['"text"', 400, 'validation_failed'],
      ['null', 400, 'validation_failed'],
      ['{}', 400, 'validation_failed'],
      ['{"content":1}', 400, 'validation_failed'],
      ['{"content":null}', 400, 'validation_failed'],
      ['{"content":["x"]}', 400, 'validation_failed'],
      ['{"content":""}', 400, 'validation_failed'],
      ['{"content":" \\n\\t "}', 400, 'validation_failed'],
      ['{"content":"\\u0000"}', 400, 'validation_failed'],
      ['{"content":"\\ud800"}', 400, 'validation_failed'],
      ['{"content":"x","metadata":[]}', 400, 'validation_failed'],
      ['{"content":"x","metadata":"y"}', 400, 'validation_failed'],
      ['{"content":"x","metadata":{"$where":1}}', 400, 'validation_failed'],
      ['{"content":"x","metadata":{"__proto__":{}}}', 400, 'validation_failed'],
      ['{"content":"x","agent":7}', 400, 'validation_failed'],
      ['{"content":"x","agent":"poet"}', 400, 'unknown_agent'],
      ['{"content":"x","on_busy":"panic"}', 400, 'validation_failed'],
      ['{"content":"x","surprise":1}', 400, 'validation_failed'],
      ['{"content":"x","status":"completed"}', 400, 'validation_failed'],
    ])('a message %s is %i %s', async (body, status, code) => {
      expectProblem(await post(`/api/chats/${chat}/messages`, body), status, code);
      expect(await stage.client.history(chat)).toEqual([]);
    });

    it('content, metadata, title and body have limits', async () => {
      const path = `/api/chats/${chat}/messages`;
      const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) });
      expectProblem(await post(path, { content: 'x'.repeat(100_001) }), 400, 'validation_failed');
      expectProblem(
        await post(path, { content: 'x', metadata: { a: 'x'.repeat(16_384) } }),
        400,
        'validation_failed',
      );
      expectProblem(await post(path, { content: 'x', metadata: nested(9) }), 400, 'validation_failed');
      expectProblem(await post(path, { content: 'x'.repeat(1_048_577) }), 413, 'body_too_large');
      expectProblem(
        await post('/api/users/erring/chats', { title: 'x'.repeat(201) }),
        400,
        'validation_failed',
      );
      expect(await stage.client.history(chat)).toEqual([]);
      const longest = 'é'.repeat(100_000);
      const fits = await stage.client.send(await stage.client.newChat(), longest, { metadata: nested(8) });
      (await stage.model.next(longest)).text('x').finish();
      await stage.client.ended(fits);
    });

    it.each([
      ['GET', '/api/chats/42', 'invalid_chat_id'],
      ['PATCH', '/api/chats/42', 'invalid_chat_id'],
      ['DELETE', '/api/chats/42', 'invalid_chat_id'],
      ['GET', '/api/chats/42/messages', 'invalid_chat_id'],
      ['POST', '/api/chats/42/messages', 'invalid_chat_id'],
      ['GET', '/api/messages/42', 'invalid_message_id'],
      ['GET', '/api/messages/42/events', 'invalid_message_id'],
      ['GET', '/api/messages/42/tool-calls', 'invalid_message_id'],
      ['POST', '/api/messages/42/cancel', 'invalid_message_id'],
      ['POST', '/api/messages/42/retry', 'invalid_message_id'],
      ['GET', `/api/users/${'u'.repeat(201)}`, 'invalid_user_id'],
      ['GET', '/api/users/%00', 'invalid_user_id'],
      ['GET', '/api/users/%E0%A4%A', 'malformed_url'],
    ])('%s %s is 400 %s', async (method, path, code) => {
      const body = { POST: { content: 'x' }, PATCH: { title: 'x' } }[method];
      expectProblem(
        await stage.client.request(
          method,
          path,
          path.endsWith('messages') || method === 'PATCH' ? body : undefined,
        ),
        400,
        code,
      );
    });

    it.each([
      ['GET', `/api/chats/${NOBODY}`, 'chat_not_found'],
      ['PATCH', `/api/chats/${NOBODY}`, 'chat_not_found'],
      ['DELETE', `/api/chats/${NOBODY}`, 'chat_not_found'],
      ['GET', `/api/chats/${NOBODY}/messages`, 'chat_not_found'],
      ['POST', `/api/chats/${NOBODY}/messages`, 'chat_not_found'],
      ['GET', `/api/messages/${NOTHING}`, 'message_not_found'],
      ['GET', `/api/messages/${NOTHING}/events`, 'message_not_found'],
      ['GET', `/api/messages/${NOTHING}/tool-calls`, 'message_not_found'],
      ['POST', `/api/messages/${NOTHING}/cancel`, 'message_not_found'],
      ['POST', `/api/messages/${NOTHING}/retry`, 'message_not_found'],
      ['PATCH', '/api/users/nobody-knows', 'user_not_found'],
      ['DELETE', '/api/users/nobody-knows', 'user_not_found'],
      ['GET', '/api/nothing', 'route_not_found'],
    ])('%s %s is 404 %s', async (method, path, code) => {
      const body = path.endsWith('messages') && method === 'POST' ? { content: 'x' } : undefined;
      const change = path.includes('users') ? { name: 'x' } : { title: 'x' };
      expectProblem(await stage.client.request(method, path, method === 'PATCH' ? change : body), 404, code);
    });

    it('an answer has no events, tool calls, cancel or retry of its own: 404', async () => {
      const answer = (await stage.client.history(done.chat))[1].message_id as string;
      expectProblem(await get(`/api/messages/${answer}/events`), 404, 'message_not_found');
      expectProblem(await get(`/api/messages/${answer}/tool-calls`), 404, 'message_not_found');
      expectProblem(await post(`/api/messages/${answer}/cancel`), 404, 'message_not_found');
      expectProblem(await post(`/api/messages/${answer}/retry`), 404, 'message_not_found');
    });

    it("a message is not found in another user's chat: 404", async () => {
      const foreign = await stage.client.newChat('mallory');
      expectProblem(
        await get(`/api/chats/${foreign}/messages/${done.message_id}/stream`),
        404,
        'message_not_found',
      );
      expect(
        (await get('/api/users/mallory/chats')).body.items.map(({ chat_id }: { chat_id: string }) => chat_id),
      ).toEqual([foreign]);
    });

    it('a body whose type is not JSON is 415', async () => {
      const answer = await stage.client.post(`/api/chats/${chat}/messages`, 'content=x', {
        'content-type': 'application/x-www-form-urlencoded',
      });
      expectProblem(answer, 415, 'unsupported_media_type');
    });
  });

  describe('operations', () => {
    it('list agents and tools', async () => {
      const [agents, tools] = [await get('/api/agents'), await get('/api/tools')];
      expect([agents.status, tools.status]).toEqual([200, 200]);
      const assistant = agents.body.find(({ name }: { name: string }) => name === 'assistant');
      const names = tools.body.map(({ name }: { name: string }) => name);
      expect(names).toEqual(expect.arrayContaining(assistant.tools));
      for (const tool of tools.body) expect(tool).toMatchObject({ parameters: { type: 'object' } });
    });

    it('report health and metrics', async () => {
      for (const path of ['/health', '/health/live', '/health/ready'])
        expect(await get(path)).toMatchObject({ status: 200, body: { status: 'ok' } });
      const metrics = await get('/metrics');
      expect(metrics.status).toBe(200);
      expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
      for (const name of ['reprise_active_runs', 'reprise_active_streams', 'reprise_queue_depth'])
        expect(await stage.client.metric(name)).toBe(0);
    });

    it('document every route of the contract', async () => {
      const { status, body } = await get('/api/openapi.json');
      expect(status).toBe(200);
      const routes = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method} ${path}`),
      );
      expect(routes).toEqual(
        expect.arrayContaining([
          'get /api/users/{user_id}',
          'patch /api/users/{user_id}',
          'delete /api/users/{user_id}',
          'post /api/users/{user_id}/chats',
          'get /api/users/{user_id}/chats',
          'get /api/chats/{chat_id}',
          'patch /api/chats/{chat_id}',
          'delete /api/chats/{chat_id}',
          'get /api/chats/{chat_id}/messages',
          'post /api/chats/{chat_id}/messages',
          'get /api/chats/{chat_id}/messages/{message_id}/stream',
          'get /api/messages/{message_id}',
          'get /api/messages/{message_id}/events',
          'get /api/messages/{message_id}/tool-calls',
          'post /api/messages/{message_id}/cancel',
          'post /api/messages/{message_id}/retry',
          'post /api/documents',
          'get /api/documents',
          'get /api/agents',
          'get /api/tools',
        ]),
      );
      const page = await get('/api/docs');
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    });
  });
});

describe('without any model provider', () => {
  it('the offline model answers from the documents, through the same tools and events', async () => {
    const app = await startTestApp();
    try {
      const client = new Client(app.url);
      const content = '# CSR\n\nLeverandøren skal overholde ILO-konventionerne om arbejdstagerrettigheder.';
      expect((await client.post('/api/documents', { title: 'Bilag E', content })).status).toBe(201);
      const created = await client.send(await client.newChat(), 'Hvad siger ILO-konventionerne?');
      const events = await client.ended(created);
      expect(answerOf(events)).toContain('ILO-konventionerne');
      expect(events.map(({ type }) => type)).toEqual(
        expect.arrayContaining(['plan', 'tool_start', 'tool_end']),
      );
      expect(events.at(-1)).toMatchObject({ type: 'end', status: 'completed', model: 'offline' });
    } finally {
      await app.destroy();
    }
  });
});
