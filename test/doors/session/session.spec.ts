import { playRichRun, RICH_ANSWER, setStage, type Stage } from '../../conformance/setup.js';
import { answerOf } from '../../support/client.js';
import { RawStream } from '../../support/raw-stream.js';
import { describeDoor } from '../door.contract.js';
import { eventsIn, textIn, typesIn, type GuideEvent } from './reader.js';

describeDoor({
  name: 'POST /chat/stream',
  open: ({ app }, { chat_id, content }, after) =>
    RawStream.post(
      `${app.url}/chat/stream`,
      { session_id: chat_id, message: content },
      { 'idempotency-key': content, ...(after !== undefined && { 'last-event-id': after }) },
    ),
});

describe('a session', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.close());

  const chat = (body: object, headers: Record<string, string> = {}, query = ''): Promise<RawStream> =>
    RawStream.post(`${stage.app.url}/chat/stream${query}`, body, headers);
  const finishing = async (stream: RawStream, question: string, answer: string): Promise<RawStream> => {
    (await stage.model.next(question)).text(answer).finish();
    return stream.end();
  };
  const header = (stream: RawStream, name: string): string => String(stream.headers[name]);

  it('tells what happens: planning, discovery, execution, synthesis, and the figures at the end', async () => {
    const stream = await chat({ message: 'everything' });
    await playRichRun(stage.model, 'everything');
    await stream.end();
    const events = eventsIn(stream.text);
    const of = (wanted: string): GuideEvent['data'][] =>
      events.filter(({ type }) => type === wanted).map(({ data }) => data);
    expect(events[0]).toEqual({ type: 'session', data: { id: header(stream, 'x-session-id') } });
    const phases = of('status').map(({ step }) => step as string);
    expect([...new Set(phases)]).toEqual(['planning', 'discovery', 'execution', 'synthesis']);
    expect(phases.filter((phase) => phase === 'discovery' || phase === 'synthesis')).toHaveLength(2);
    expect(of('status').every(({ message }) => typeof message === 'string' && message !== '')).toBe(true);
    expect(of('step').map(({ step_id }) => step_id)).toEqual(['step_1', 'step_2', 'step_3']);
    expect(of('step')).toEqual(
      expect.arrayContaining([
        { step_id: expect.any(String), tool: 'write_file', success: true, duration_ms: expect.any(Number) },
        { step_id: expect.any(String), tool: 'read_file', success: false, duration_ms: expect.any(Number) },
      ]),
    );
    expect(textIn(stream.text)).toBe(RICH_ANSWER);
    expect(events.slice(-3)).toEqual([
      { type: 'usage', data: { prompt_tokens: 300, completion_tokens: 50, total_tokens: 350 } },
      { type: 'finish', data: { reason: 'stop' } },
      {
        type: 'done',
        data: {
          request_id: header(stream, 'x-message-id'),
          tools_used: expect.arrayContaining(['update_plan', 'write_file', 'read_file']),
          total_duration_ms: expect.any(Number),
        },
      },
    ]);
  });

  it('remembers what was said, and is a chat like any other', async () => {
    const first = await finishing(await chat({ message: 'France?' }), 'France?', 'Paris.');
    const id = header(first, 'x-session-id');
    const second = await chat({ session_id: id, message: 'And there?' });
    const asked = await stage.model.next('And there?');
    expect(asked.messages.map(({ content }) => content)).toEqual(
      expect.arrayContaining(['France?', 'Paris.', 'And there?']),
    );
    asked.text('Two million.').finish();
    await second.end();
    expect(typesIn(second.text)).not.toContain('session');
    expect(header(second, 'x-session-id')).toBe(id);
    expect((await stage.client.history(id)).map(({ content }) => content)).toEqual([
      'France?',
      'Paris.',
      'And there?',
      'Two million.',
    ]);
    const { body } = await stage.client.get(`/chat/session/${id}/history`);
    expect(body).toMatchObject({ session_id: id, count: 4 });
    expect(body.messages[1]).toEqual({
      id: expect.any(String),
      role: 'assistant',
      content: 'Paris.',
      timestamp: expect.any(String),
      status: 'completed',
      metadata: {
        request_id: header(first, 'x-message-id'),
        reply_to: expect.any(String),
        duration_ms: expect.any(Number),
      },
    });
  });

  it('can be begun first, with metadata', async () => {
    const { status, body } = await stage.client.post('/chat/session', { channel: 'web' });
    expect(status).toBe(201);
    expect(Date.parse(body.expires_at) - Date.parse(body.created_at)).toBe(1_800_000);
    expect((await stage.client.post('/chat/session')).status).toBe(201);
    const session = (await stage.client.get(`/chat/session/${body.session_id}`)).body;
    expect(session).toEqual({
      id: body.session_id,
      session_id: body.session_id,
      created_at: body.created_at,
      updated_at: body.created_at,
      expires_at: body.expires_at,
      message_count: 0,
      metadata: { channel: 'web' },
    });
    expect((await stage.client.get(`/api/chats/${body.session_id}`)).body.user_id).toBe('default');
    const bobs = await stage.client.post('/chat/session?user_id=bob');
    expect((await stage.client.get(`/api/chats/${bobs.body.session_id}`)).body.user_id).toBe('bob');
  });

  it('shows its newest 50 messages, oldest first', async () => {
    const id = await stage.client.newChat('default');
    for (let i = 0; i < 26; i++)
      await finishing(await chat({ session_id: id, message: `q${i}` }), `q${i}`, `a${i}`);
    const { messages, count } = (await stage.client.get(`/chat/session/${id}/history`)).body;
    expect([count, messages[0].content, messages.at(-1).content]).toEqual([50, 'q1', 'a25']);
  });

  it.each([null, '', undefined])('begins without one: session_id %j', async (session_id) => {
    const stream = await finishing(await chat({ session_id, message: 'new', options: {} }), 'new', 'x');
    expect(typesIn(stream.text)[0]).toBe('session');
  });

  it('is begun once by a request that is repeated, and its answer continues where the client was', async () => {
    const ask = (after?: string): Promise<RawStream> =>
      chat({ message: 'again' }, { 'idempotency-key': 'k1', ...(after && { 'last-event-id': after }) });
    const first = await ask();
    const answer = await stage.model.next('again');
    answer.text('One ');
    await first.count(2);
    first.hangUp();
    const rest = await ask(first.ids.at(-1));
    answer.text('two.').finish();
    await rest.end();
    expect(header(rest, 'x-session-id')).toBe(header(first, 'x-session-id'));
    expect(header(rest, 'x-message-id')).toBe(header(first, 'x-message-id'));
    expect(textIn(first.text) + textIn(rest.text)).toBe('One two.');
    expect(typesIn(rest.text)).not.toContain('session');
    const whole = await (await ask()).end();
    expect(textIn(whole.text)).toBe('One two.');
    expect(typesIn(whole.text)[0]).toBe('session');
    expect(await stage.client.history(header(first, 'x-session-id'))).toHaveLength(2);
  });

  it('goes on when the client hangs up, and can be watched at X-Stream-Url in any dialect', async () => {
    const stream = await chat({ message: 'elsewhere' });
    const answer = await stage.model.next('elsewhere');
    answer.text('One ');
    await stream.count(2);
    const other = await RawStream.open(stage.app.url + header(stream, 'x-stream-url'));
    stream.hangUp();
    answer.text('two.').finish();
    await other.end();
    const events = await stage.client.replay(header(stream, 'x-message-id'));
    expect(answerOf(events)).toBe('One two.');
    expect(other.ids).toEqual(events.map(({ id }) => id));
    const same = await RawStream.open(`${stage.app.url}${header(stream, 'x-stream-url')}?dialect=session`);
    expect(textIn((await same.end()).text)).toBe('One two.');
  });

  it('ends with an error that says whether to try again, and is not done', async () => {
    const stream = await chat({ message: 'fails' });
    (await stage.model.next('fails')).fail(400);
    await stream.end();
    const events = eventsIn(stream.text);
    expect(events.at(-3)).toEqual({
      type: 'error',
      data: { code: 'model_rejected', message: expect.any(String), retryable: false },
    });
    expect(events.at(-1)).toEqual({ type: 'finish', data: { reason: 'error' } });
  });

  it('ends when it is cancelled', async () => {
    const stream = await chat({ message: 'cancelled' });
    (await stage.model.next('cancelled')).text('Half ');
    await stream.count(2);
    await stage.client.cancel(header(stream, 'x-message-id'));
    await stream.end();
    expect(eventsIn(stream.text).slice(-2)).toEqual([
      { type: 'finish', data: { reason: 'cancelled' } },
      { type: 'done', data: expect.objectContaining({ tools_used: [] }) },
    ]);
  });

  it('keeps options as metadata, and chooses the agent by one of them', async () => {
    const stream = await chat({ message: 'opted', options: { agent: 'assistant', tender_id: 't1' } });
    await finishing(stream, 'opted', 'x');
    expect(await stage.client.message(header(stream, 'x-message-id'))).toMatchObject({
      agent: 'assistant',
      metadata: { tender_id: 't1' },
    });
  });

  it('lists the tools and agents', async () => {
    const { body } = await stage.client.get('/discover');
    expect(body.tools).toEqual((await stage.client.get('/api/tools')).body);
    expect(body.agents).toEqual((await stage.client.get('/api/agents')).body);
    expect(body.count).toBe(body.tools.length);
  });
});
