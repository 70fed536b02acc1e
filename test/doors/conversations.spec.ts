import { playRichRun, RICH_ANSWER, setStage, type Stage } from '../conformance/setup.js';
import { RawStream } from '../support/raw-stream.js';
import { describeDoor } from './door.contract.js';

const CONVERSATIONS = '/api/v1/conversations';

/** The frames of a stream as its client reads them. */
const framesOf = (stream: RawStream): any[] =>
  stream.text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []));

describeDoor({
  name: 'that answers in conversations',
  open: (stage, { chat_id, content }, after) =>
    RawStream.post(
      `${stage.app.url}${CONVERSATIONS}/${chat_id}/messages`,
      { content },
      { 'idempotency-key': content, ...(after !== undefined && { 'last-event-id': after }) },
    ),
});

describe('conversations', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.close());

  const post = (path: string, body?: unknown, headers = {}) => stage.client.post(path, body, headers);
  const newConversation = async (fields: object = {}, query = ''): Promise<any> => {
    const { status, body } = await post(`${CONVERSATIONS}${query}`, fields);
    expect(status).toBe(201);
    return body;
  };
  const ask = (id: string, content: string): Promise<RawStream> =>
    RawStream.post(`${stage.app.url}${CONVERSATIONS}/${id}/messages`, { content });

  it.each([CONVERSATIONS, '/api/conversations'])(
    'are made, listed, changed and deleted at %s',
    async (path) => {
      const user = `?user_id=${encodeURIComponent(`user of ${path.length}`)}`.replaceAll('%20', '-');
      const made = await post(path + user, {
        title: 'Krav',
        system_prompt: 'Answer in Danish.',
        model: 'scripted',
      });
      expect(made).toMatchObject({
        status: 201,
        body: {
          title: 'Krav',
          system_prompt: 'Answer in Danish.',
          model: 'openai:scripted',
          message_count: 0,
        },
      });
      const { id } = made.body;
      expect((await stage.client.get(path + user)).body).toMatchObject({
        items: [{ id, title: 'Krav' }],
        total: 1,
        page: 1,
        page_size: 20,
        total_pages: 1,
        has_more: false,
      });
      const changed = await stage.client.patch(`${path}/${id}`, {
        title: 'CSR',
        system_prompt: null,
        model: null,
      });
      expect(changed).toMatchObject({
        status: 200,
        body: { id, title: 'CSR', system_prompt: null, model: null },
      });
      expect((await stage.client.get(`${path}/${id}`)).body).toEqual(changed.body);
      expect((await stage.client.get(`/api/chats/${id}`)).body).toMatchObject({ chat_id: id, title: 'CSR' });
      expect((await stage.client.delete(`${path}/${id}`)).status).toBe(204);
      expect((await stage.client.get(`${path}/${id}`)).body).toMatchObject({ code: 'chat_not_found' });
      expect((await stage.client.get(path + user)).body.items).toEqual([]);
    },
  );

  it('need no body, and belong to nobody in particular without authentication', async () => {
    const { status, body } = await post(CONVERSATIONS);
    expect([status, body.user_id, body.title]).toEqual([201, 'default', 'New chat']);
  });

  it('answer with tokens, tools, and the id of the answer', async () => {
    const { id } = await newConversation();
    const stream = await ask(id, 'rich');
    await playRichRun(stage.model, 'rich');
    await stream.end();
    const frames = framesOf(stream);
    const tokens = frames.filter(({ type }) => type === 'token');
    expect(tokens.map(({ content }) => content).join('')).toBe(RICH_ANSWER);
    let length = 0;
    for (const { content, index } of tokens) expect(index).toBe((length += String(content).length));
    expect(frames.filter(({ type }) => type === 'tool_request')).toMatchObject([
      { tool_id: 'update_plan', call_id: 'plan_1', arguments: { items: expect.any(Array) } },
      { tool_id: 'write_file', call_id: 'write_1', arguments: { path: 'notes.md' } },
      { tool_id: 'read_file', call_id: 'read_1', arguments: { path: 'missing.md' } },
    ]);
    const results = frames.filter(({ type }) => type === 'tool_result');
    expect(results.map(({ tool_id }) => tool_id).sort()).toEqual(['read_file', 'update_plan', 'write_file']);
    expect(results.find(({ tool_id }) => tool_id === 'read_file').result).toEqual({
      error: expect.stringContaining('missing.md'),
      code: expect.any(String),
    });
    const question = String(stream.headers['x-message-id']);
    const last = frames.at(-1);
    expect(last).toMatchObject({ type: 'complete', content: RICH_ANSWER, finish_reason: 'stop' });
    expect(last).not.toHaveProperty('status');
    const answer = await stage.client.get(`/api/v1/messages/${last.message_id}`);
    expect(answer.body).toMatchObject({
      id: last.message_id,
      conversation_id: id,
      role: 'assistant',
      content: RICH_ANSWER,
      metadata: { reply_to: question },
    });
    const page = (await stage.client.get(`${CONVERSATIONS}/${id}/messages`)).body;
    expect(page.items.map((item: any) => [item.id, item.role])).toEqual([
      [question, 'user'],
      [last.message_id, 'assistant'],
    ]);
    const again = await RawStream.open(
      `${stage.app.url}${String(stream.headers['x-stream-url'])}?dialect=conversations`,
    );
    expect(framesOf(await again.end())).toEqual(frames);
  });

  it('have one id at the end of each event, none before it', async () => {
    const { id } = await newConversation();
    const stream = await ask(id, 'ids');
    await playRichRun(stage.model, 'ids');
    await stream.end();
    const events = await stage.client.replay(String(stream.headers['x-message-id']));
    expect(stream.ids).toEqual(events.map((event) => event.id));
    expect(stream.text).not.toMatch(/^event:/m);
  });

  it('tell of a cancelled answer as complete, and of a failed one as an error', async () => {
    const { id } = await newConversation();
    const stream = await ask(id, 'stop me');
    (await stage.model.next('stop me')).text('Half an ');
    await stream.count(2);
    const question = String(stream.headers['x-message-id']);
    await stage.client.cancel(question);
    const cancelled = framesOf(await stream.end()).at(-1);
    expect(cancelled).toMatchObject({ type: 'complete', status: 'cancelled', content: 'Half an ' });
    expect((await stage.client.message(cancelled.message_id)).status).toBe('cancelled');
    const other = await ask(id, 'fail');
    (await stage.model.next('fail')).fail(401);
    const frames = framesOf(await other.end());
    expect(frames.filter(({ type }) => type !== 'token')).toMatchObject([
      {
        type: 'error',
        error: expect.stringMatching(/./),
        code: expect.any(String),
        retryable: expect.any(Boolean),
      },
    ]);
  });

  it('give the model their system prompt after the instructions of the agent, and choose the model', async () => {
    const { id } = await newConversation({ system_prompt: 'You are a pirate.', model: 'openai:scripted' });
    const stream = await ask(id, 'hello');
    const asked = await stage.model.next('hello');
    expect(asked.messages[0]?.content).toMatch(/^You are a careful assistant[^]*You are a pirate\.$/);
    asked.text('Arr').finish();
    await stream.end();
    const question = String(stream.headers['x-message-id']);
    const { body: turns } = await stage.client.get(`/api/messages/${question}/turns`);
    expect(turns.turns[0].requests[0]).toMatchObject({ exact: true });
    await stage.client.patch(`/api/chats/${id}`, { instructions: null });
    const second = await ask(id, 'again');
    const then = await stage.model.next('again');
    expect(then.messages[0]?.content).not.toContain('pirate');
    then.text('Hello').finish();
    await second.end();
  });

  it.each([
    ['a model that nobody has', { model: 'gpt-1' }, 'unknown_model'],
    ['a prompt that is too long', { system_prompt: 'x'.repeat(20_001) }, 'validation_failed'],
    ['a field that nobody knows', { temperature: 1 }, 'validation_failed'],
    ['a title that is a number', { title: 7 }, 'validation_failed'],
  ])('refuse %s', async (_, body, code) => {
    expect(await post(CONVERSATIONS, body)).toMatchObject({ status: 400, body: { code } });
    const { id } = await newConversation();
    expect((await stage.client.patch(`${CONVERSATIONS}/${id}`, body)).body.code).toBe(code);
    const { body: chats } = await stage.client.get(`/api/chats/${id}`);
    expect(chats).toMatchObject({ title: 'New chat' });
    const model = 'model' in body ? body : {};
    const created = await post('/api/users/zoe/chats', model);
    expect(created.status).toBe('model' in body ? 400 : 201);
  });

  it('can begin with the question, and go on', async () => {
    const url = `${stage.app.url}/api/v1/chat/stream`;
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'My name is Zoe.' },
      { role: 'assistant', content: 'Hello Zoe.' },
      { role: 'user', content: 'What is my name?' },
    ];
    const first = await RawStream.post(url, { messages, model: 'scripted' });
    const asked = await stage.model.next('What is my name?');
    expect(asked.messages[0]?.content).toMatch(
      /Be brief\.[^]*user: "My name is Zoe\."[^]*assistant: "Hello Zoe\."$/,
    );
    asked.text('Zoe').finish();
    expect(framesOf(await first.end()).at(-1)).toMatchObject({ type: 'complete', content: 'Zoe' });
    const conversation_id = /chats\/([^/]+)/.exec(String(first.headers['x-stream-url']))?.[1];
    const second = await RawStream.post(url, { message: 'And yours?', conversation_id });
    const then = await stage.model.next('And yours?');
    expect(then.messages.map(({ content }) => content)).toEqual(expect.arrayContaining(['Zoe']));
    then.text('Reprise').finish();
    await second.end();
    expect((await stage.client.history(String(conversation_id))).map(({ content }) => content)).toEqual([
      'What is my name?',
      'Zoe',
      'And yours?',
      'Reprise',
    ]);
  });

  it('begin once, however often the same request comes', async () => {
    const url = `${stage.app.url}/api/v1/chat/stream`;
    const again = (headers = {}) =>
      RawStream.post(url, { message: 'Once' }, { 'idempotency-key': 'the-only-one', ...headers });
    const streams = await Promise.all([again(), again()]);
    const answer = await stage.model.next('Once');
    answer.text('Upon ');
    await streams[0].count(2);
    const resumed = await again({ 'last-event-id': streams[0].ids.at(-1) });
    answer.text('a time').finish();
    await Promise.all([...streams, resumed].map((stream) => stream.end()));
    expect(streams[0].text).toBe(streams[1].text);
    expect(framesOf(resumed)).toMatchObject([
      { type: 'token', content: 'a time', index: 11 },
      { type: 'complete', content: 'Upon a time' },
    ]);
    expect(stage.model.pending).toEqual([]);
  });

  it('resume nothing that was not asked', async () => {
    const { id } = await newConversation();
    const headers = { 'last-event-id': '1760270888823_0001_a26344ee' };
    for (const more of [{}, { 'idempotency-key': 'never-used' }]) {
      const path = `${CONVERSATIONS}/${id}/messages`;
      const refused = [
        await post(path, { content: 'Go on' }, { ...headers, ...more }),
        await post('/api/v1/chat/stream', { message: 'Go on' }, { ...headers, ...more }),
      ];
      expect(refused.map(({ status, body }) => [status, body.code])).toEqual([
        [400, 'unknown_event_id'],
        [400, 'unknown_event_id'],
      ]);
    }
    expect(await stage.client.history(id)).toEqual([]);
  });

  it.each([
    ['nothing', {}],
    ['no messages', { messages: null }],
    ['no question at its end', { messages: [{ role: 'assistant', content: 'Hello' }] }],
    ['an unknown role', { messages: [{ role: 'tool', content: 'Hello' }] }],
    [
      'too much before the question',
      { messages: [{ role: 'user', content: 'x'.repeat(20_001) }], message: 'y' },
    ],
  ])('do not begin with %s', async (_, body) => {
    const before = (await stage.client.get(CONVERSATIONS)).body.total;
    const refused = await post('/api/v1/chat/stream', body);
    expect(refused).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect((await stage.client.get(CONVERSATIONS)).body.total).toBe(before);
  });

  it('list their tools with the schemas of the arguments', async () => {
    const { status, body } = await stage.client.get('/api/v1/tools');
    expect(status).toBe(200);
    expect(body.tools).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'write_file',
          category: 'built-in',
          input_schema: expect.objectContaining({ type: 'object' }),
          requires_confirmation: false,
        }),
      ]),
    );
    expect(body.capabilities).toEqual(['built-in']);
  });
});

describe('at its root the server', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.close());

  it.each([
    ['application/json', true],
    ['application/json, text/plain, */*', true],
    ['*/*', false],
    ['text/html,application/xhtml+xml,*/*;q=0.8', false],
  ])('tells %s what it is, or shows its page', async (accept, isJson) => {
    const { status, headers, body } = await stage.client.get('/', { accept });
    expect([status, headers.get('vary')]).toEqual([200, expect.stringContaining('Accept')]);
    if (isJson)
      expect(body).toEqual({ service: 'Reprise', version: expect.stringMatching(/^\d/), status: 'running' });
    else expect(body).toContain('<html');
  });
});
