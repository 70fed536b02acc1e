import { setStage, playRichRun, PLAN, RICH_ANSWER, type Stage } from '../conformance/setup.js';
import { openDatabase, type Answer } from '../support/client.js';
import { RawStream } from '../support/raw-stream.js';
import { until } from '../support/until.js';
import { agentAt, eventsIn, plain, PlayedAgent, told, wordsOf } from './ag-ui-client.js';

const API = '/api/ag-ui/assistant';

describe('the door of AG-UI', () => {
  let stage: Stage;
  let threads = 0;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.close());

  const newThread = (): string => `a client's thread/${++threads} ☃`;
  const open = (threadId: string, init = {}) => agentAt(stage.app.url, threadId, init);
  const user = (content: string, id = `id of ${content}`) => ({ id, role: 'user' as const, content });
  const answer = async (question: string, text: string): Promise<void> => {
    (await stage.model.next(question)).text(text).finish();
  };
  const say = async (agent: ReturnType<typeof open>, question: string, text: string): Promise<void> => {
    agent.addMessage(user(question));
    const run = told(agent);
    await answer(question, text);
    expect((await run).finished).toMatchObject([{ outcome: { type: 'success' } }]);
  };
  const post = (body: object, query = ''): Promise<RawStream> =>
    RawStream.post(`${stage.app.url}${API}${query}`, body);
  const input = (threadId: string, messages: object[] = []) => ({ threadId, runId: 'run', messages });

  it('runs an agent with thinking, tools, the plan as state, figures and the ids of the client', async () => {
    const agent = open(newThread());
    agent.addMessage(user('rich'));
    const run = told(agent, { runId: 'my run' });
    await playRichRun(stage.model, 'rich');
    const { finished, types } = await run;
    expect(finished).toMatchObject([
      {
        threadId: agent.threadId,
        runId: 'my run',
        outcome: { type: 'success' },
        usage: [{ totalTokens: 350 }],
      },
    ]);
    expect(types[0]).toBe('RUN_STARTED');
    expect(wordsOf(agent)).toBe(RICH_ANSWER);
    expect(agent.state).toEqual({ plan: PLAN });
    expect(agent.messages.map(({ role }) => role)).toEqual(
      expect.arrayContaining(['user', 'reasoning', 'assistant', 'tool']),
    );
    expect(agent.messages[0]).toEqual(user('rich'));
    await say(agent, 'and then?', 'Nothing.');
    expect(wordsOf(agent)).toBe(`${RICH_ANSWER}Nothing.`);
  });

  it('gives a new client of the thread all of it, whether it goes on or has ended', async () => {
    const threadId = newThread();
    const first = open(threadId);
    await say(first, 'one', 'First.');
    first.addMessage(user('two'));
    const run = told(first);
    const turn = await stage.model.next('two');
    turn.text('Second');
    await until('it has begun', () => wordsOf(first) === 'First.Second');
    const joined = open(threadId);
    const joining = told(joined);
    await until('it has joined', () => wordsOf(joined) === 'First.Second');
    turn.text(' and last.').finish();
    await Promise.all([run, joining]);
    const late = open(threadId);
    expect((await told(late)).finished).toMatchObject([{ outcome: { type: 'success' } }]);
    for (const other of [joined, late]) expect(plain(other.messages)).toEqual(plain(first.messages));
    const nothing = await told(open(newThread()));
    expect(nothing.types).toEqual(['RUN_STARTED', 'RUN_FINISHED']);
  });

  it('joins with a message that it knows, whose run is one, after every event', async () => {
    const threadId = newThread();
    const sent = [user('once')];
    const both = await Promise.all([post(input(threadId, sent)), post(input(threadId, sent))]);
    await playRichRun(stage.model, 'once');
    const ended = await Promise.all(both.map((stream) => stream.end()));
    const whole = new PlayedAgent(eventsIn(ended[0]!.text), { initialMessages: sent });
    await told(whole);
    expect(ended[1]!.headers['x-message-id']).toBe(ended[0]!.headers['x-message-id']);
    // A client that was cut off anywhere asks again, with all that it has by then.
    const frames = ended[0]!.text.split(/(?<=\n\n)/);
    for (let seen = 1; seen < frames.length; seen += 2) {
      const cut = new PlayedAgent(eventsIn(frames.slice(0, seen).join('')), { initialMessages: sent });
      await told(cut).catch(() => undefined);
      const rest = await (await post(input(threadId, plain(cut.messages)))).end();
      const again = new PlayedAgent(eventsIn(rest.text), {
        initialMessages: plain(cut.messages),
        initialState: plain(cut.state),
      });
      await told(again);
      expect(plain([again.messages, again.state])).toEqual(plain([whole.messages, whole.state]));
    }
    expect(stage.model.pending).toEqual([]);
  });

  it('follows on_busy for a new message while a run goes on', async () => {
    const threadId = newThread();
    const first = await post(input(threadId, [user('slow')]));
    const turn = await stage.model.next('slow');
    turn.text('So far.');
    await until('it answers', () => first.text.includes('So far.'));
    const refused = await post(input(threadId, [user('slow'), user('refused')]), '?on_busy=reject');
    expect(refused.status).toBe(409);
    const next = await post(input(threadId, [user('slow'), user('instead')]), '?on_busy=interrupt');
    await answer('instead', 'Quick.');
    expect(eventsIn((await first.end()).text).at(-1)).toMatchObject({
      type: 'RUN_FINISHED',
      outcome: { type: 'cancelled' },
    });
    const agent = new PlayedAgent(eventsIn((await next.end()).text));
    await told(agent);
    expect(wordsOf(agent)).toBe('Quick.');
  });

  it('ends a cancelled run as cancelled, and a failed one with its code', async () => {
    const agent = open(newThread());
    agent.addMessage(user('cancel'));
    const run = told(agent);
    (await stage.model.next('cancel')).text('So far.');
    await until('it answers', () => wordsOf(agent) === 'So far.');
    const { message_id } = (await stage.client.history(await chatOf('cancel')))[0];
    await stage.client.cancel(message_id);
    expect((await run).finished).toMatchObject([{ outcome: { type: 'cancelled' } }]);
    expect(wordsOf(agent)).toBe('So far.');
    const failing = open(newThread());
    failing.addMessage(user('fail'));
    const failed = told(failing);
    (await stage.model.next('fail')).fail(400);
    expect((await failed).errors).toMatchObject([{ code: expect.stringMatching(/^[a-z_]+$/) }]);
    await say(failing, 'better', 'Yes.');
  });

  const chatOf = async (content: string): Promise<string> => {
    const database = await openDatabase(stage.app);
    const found = await database.connection.collection('messages').findOne({ content, role: 'user' });
    await database.close();
    return found?.['chat_id'] as string;
  };

  it('takes files as attachments, and names them in snapshots', async () => {
    const threadId = newThread();
    const value = Buffer.from('Krav: æøå').toString('base64');
    const content = [
      { type: 'text', text: 'read' },
      { type: 'document', source: { type: 'data', value, mimeType: 'text/plain' } },
    ];
    const stream = await post(input(threadId, [{ id: 'u1', role: 'user', content }]));
    await answer('read', 'Read.');
    const id = (await stream.end()).headers['x-message-id'] as string;
    const [file] = (await stage.client.message(id)).attachments;
    expect(file).toMatchObject({ media_type: 'text/plain', bytes: 12 });
    const late = open(threadId);
    await told(late);
    expect(late.messages[0]).toEqual({
      id: 'u1',
      role: 'user',
      content: [
        { type: 'text', text: 'read' },
        {
          type: 'document',
          source: { type: 'url', value: `/api/files/${file.file_id}/content`, mimeType: 'text/plain' },
        },
      ],
    });
  });

  it('keeps the thread of a run whose log has expired', async () => {
    const threadId = newThread();
    await say(open(threadId), 'expire', 'Still here.');
    const database = await openDatabase(stage.app);
    await database.connection
      .collection('messages')
      .updateOne({ content: 'expire', role: 'user' }, { $set: { 'run.events_expired': 'removed' } });
    await database.close();
    const late = open(threadId);
    await told(late);
    expect(late.messages.map(({ role, content }) => [role, content])).toEqual([
      ['user', 'expire'],
      ['assistant', 'Still here.'],
    ]);
  });

  it('shares its threads with other doors', async () => {
    const chat = await stage.client.newChat('default');
    const run = await stage.client.send(chat, 'from elsewhere');
    await answer('from elsewhere', 'One.');
    await stage.client.ended(run);
    const agent = open(chat);
    await told(agent);
    expect(agent.messages.map(({ id, content }) => [id, content])).toEqual([
      [`question-${run.message_id}`, 'from elsewhere'],
      [`${run.message_id}-0`, 'One.'],
    ]);
    await say(agent, 'more', 'Two.');
    expect((await stage.client.history(chat)).map(({ content }) => content)).toEqual([
      'from elsewhere',
      'One.',
      'more',
      'Two.',
    ]);
    expect((await stage.client.get(`/api/ai-sdk/chat/${chat}/messages`)).body).toHaveLength(4);
  });

  const refusal = (path: string, body: object): Promise<Answer> => stage.client.post(path, body);
  it.each([
    ['an unknown agent', '/api/ag-ui/poet', {}, 400, 'unknown_agent'],
    ['a wrong user', `${API}?user_id=a%2Fb`, {}, 400, 'invalid_user_id'],
    [
      'an answer to nothing',
      API,
      { resume: [{ interruptId: 'x', status: 'cancelled' }] },
      404,
      'approval_not_found',
    ],
    [
      'a question that it gave a name',
      API,
      { messages: [user('x', `question-${'0'.repeat(24)}`)] },
      404,
      'message_not_found',
    ],
  ])('refuses %s', async (_, path, more, status, code) => {
    const body = { ...input(newThread(), [user('x')]), ...more };
    expect(await refusal(path, body)).toMatchObject({ status, body: { code } });
  });

  it('refuses another text under a known id', async () => {
    const threadId = newThread();
    await say(open(threadId), 'known', 'Yes.');
    const body = input(threadId, [user('changed', 'id of known')]);
    expect(await refusal(API, body)).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });
});
