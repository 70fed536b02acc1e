import type { StreamEvent } from '@reprise/protocol';
import { initialState, reduce, RepriseClient, type Connection, type StreamState } from '@reprise/client';
import { LeaseKeeper } from '../../src/runs/index.js';
import { LogRetention } from '../../src/runs/retention/log-retention.js';
import { openDatabase } from '../support/client.js';
import { CuttingProxy, randomFrom } from '../support/cutting-proxy.js';
import { until, within } from '../support/until.js';
import { playRichRun, RICH_ANSWER, setStage, type Stage } from '../conformance/setup.js';
import { TokenProxy } from './token-proxy.js';

/** The client of `libs/client` on the real application. */
let stage: Stage;
let client: RepriseClient;
beforeAll(async () => {
  stage = await setStage({ EVENT_RETENTION_DAYS: '1', STREAMS_MAX_PER_MESSAGE: '2', STREAM_RETRY_MS: '20' });
  client = new RepriseClient({ baseUrl: stage.app.url });
});
afterAll(() => stage.close());

let questions = 0;
const newQuestion = (): string => `Question ${questions++}`;
const newChatId = async (): Promise<string> => (await client.createChat({ userId: 'alice' })).chat_id;

/** A message whose run waits for the model. */
async function ask(
  via = client,
): Promise<{ question: string; run: Awaited<ReturnType<RepriseClient['send']>> }> {
  const question = newQuestion();
  return { question, run: await via.send({ chatId: await newChatId(), content: question }) };
}

async function eventsOf(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const all: StreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const stateOf = (events: readonly StreamEvent[]): StreamState => events.reduce(reduce, initialState);

describe('resources', () => {
  it('a chat from creation to deletion', async () => {
    const chat = await client.createChat({ userId: 'bob@company.com', title: 'Boats' });
    expect(await client.getChat(chat.chat_id)).toEqual(chat);
    await client.renameChat({ chatId: chat.chat_id, title: 'Ships' });
    const { items, total } = await client.listChats({ userId: 'bob@company.com', pageSize: 5 });
    expect({ titles: items.map(({ title }) => title), total }).toEqual({ titles: ['Ships'], total: 1 });
    await client.deleteChat(chat.chat_id);
    await expect(client.getChat(chat.chat_id)).rejects.toMatchObject({ status: 404, code: 'chat_not_found' });
  });

  it('a user', async () => {
    await client.getUser('carol');
    expect(await client.updateUser({ userId: 'carol', name: 'Carol', email: null })).toMatchObject({
      name: 'Carol',
    });
    await client.deleteUser('carol');
    expect((await client.getUser('carol')).name).toBeNull();
  });

  it('documents', async () => {
    const upload = { title: 'Bilag E: CSR', content: '# Krav', tenderId: 'tender-1', metadata: { a: 1 } };
    const { document_id } = await client.uploadDocument(upload);
    expect((await client.listDocuments({ tenderId: 'tender-1' })).items).toMatchObject([{ document_id }]);
    expect((await client.listDocuments({ tenderId: 'tender-2' })).total).toBe(0);
    expect(await client.getDocument(document_id)).toMatchObject({ content: '# Krav', tender_id: 'tender-1' });
    await client.deleteDocument(document_id);
    await expect(client.getDocument(document_id)).rejects.toMatchObject({ code: 'document_not_found' });
  });

  it('files, from the upload to a message that has them', async () => {
    const file = new File(['The code is 4711.'], 'notes.md', { type: 'image/png' });
    const uploaded = await client.uploadFile({ userId: 'alice', file });
    expect(uploaded).toMatchObject({
      name: 'notes.md',
      media_type: 'text/markdown',
      bytes: 17,
      characters: 17,
    });
    expect(await client.getFile(uploaded.file_id)).toEqual(uploaded);
    expect((await client.listFiles({ userId: 'alice' })).items).toContainEqual(uploaded);
    expect(await (await client.downloadFile(uploaded.file_id)).text()).toBe('The code is 4711.');
    const chatId = await newChatId();
    const question = newQuestion();
    const { message_id } = await client.send({ chatId, content: question, attachments: [uploaded] });
    const answer = await stage.model.next(question);
    expect(answer.question).toContain('The code is 4711.');
    answer.text('4711').finish();
    const { file_id, name, media_type, bytes } = uploaded;
    expect((await client.getMessage(message_id)).attachments).toEqual([{ file_id, name, media_type, bytes }]);
    await client.deleteFile(file_id);
    await expect(client.downloadFile(file_id)).rejects.toMatchObject({ code: 'file_not_found' });
    const empty = client.uploadFile({ userId: 'alice', file: new Blob([]), name: 'empty.txt' });
    await expect(empty).rejects.toMatchObject({ status: 422, code: 'empty_file' });
  });

  it('agents and tools', async () => {
    expect((await client.listAgents()).map(({ name }) => name)).toContain('assistant');
    expect((await client.listTools())[0]).toMatchObject({
      name: expect.any(String),
      parameters: { type: 'object' },
    });
  });

  it('a rejection with its fields and request id', async () => {
    const error = client.send({ chatId: await newChatId(), content: ' ' });
    await expect(error).rejects.toMatchObject({
      status: 400,
      code: 'validation_failed',
      retryable: false,
      requestId: expect.stringMatching(/./),
      errors: [{ field: 'content', message: expect.any(String) }],
    });
  });
});

describe('a run', () => {
  it('is followed live, and again from the log, with the same outcome', async () => {
    const { question, run } = await ask();
    const live = eventsOf(client.follow(run));
    await playRichRun(stage.model, question);
    const events = await live;
    expect(events).toEqual(await client.listEvents(run.message_id));
    expect(await eventsOf(client.follow(run.message_id))).toEqual(events);

    const state = stateOf(events);
    expect(state).toMatchObject({ status: 'completed', content: RICH_ANSWER, attempt: 1 });
    expect(state.toolCalls.map(({ name, status }) => [name, status])).toEqual([
      ['update_plan', 'ok'],
      ['write_file', 'ok'],
      ['read_file', 'error'],
    ]);
    expect(state.parts.map(({ kind }) => kind)).toEqual(['thinking', 'tool', 'tool', 'tool', 'text']);
    expect(state.plan).toHaveLength(2);
    const calls = await client.listToolCalls(run.message_id);
    expect(calls.map(({ call_id }) => call_id)).toEqual(state.toolCalls.map(({ callId }) => callId));
    const { chat_id, run: facet } = await client.getMessage(run.message_id);
    expect(facet?.usage).toEqual(state.usage);
    const { items } = await client.listMessages({ chatId: chat_id });
    expect(items.map(({ role, content }) => [role, content])).toEqual([
      ['user', question],
      ['assistant', RICH_ANSWER],
    ]);
  });

  it('is resumed from any event, silently after the last one', async () => {
    const { question, run } = await ask();
    await playRichRun(stage.model, question);
    const events = await eventsOf(client.follow(run));
    const rest = await eventsOf(client.follow(run, { after: events[2]?.id }));
    expect(rest).toEqual(events.slice(3));
    expect(await eventsOf(client.follow(run, { after: events.at(-1)?.id }))).toEqual([]);
    expect(await client.listEvents(run.message_id, { since: events[2]!.id, limit: 2 })).toEqual(
      events.slice(3, 5),
    );
  });

  it('arrives whole over a connection that is cut again and again', async () => {
    const random = randomFrom(7);
    // Enough for the largest event of the run: a connection that carries none gets nowhere.
    const proxy = await CuttingProxy.start(stage.app.url, () => 2000 + Math.floor(random() * 1500));
    try {
      const { question, run } = await ask();
      const followed = eventsOf(new RepriseClient({ baseUrl: proxy.url }).follow(run));
      await playRichRun(stage.model, question);
      expect(await within('the run is followed', followed)).toEqual(await client.listEvents(run.message_id));
      expect(proxy.cuts).toBeGreaterThan(2);
    } finally {
      await proxy.stop();
    }
  });

  it('is cancelled, and keeps what was said', async () => {
    const { question, run } = await ask();
    const answer = (await stage.model.next(question)).text('Half an answer');
    let last = initialState;
    for await (const state of client.states(run)) {
      if (last.content === '' && state.content !== '')
        expect(await client.cancel(run.message_id)).toEqual({
          message_id: run.message_id,
          status: 'processing',
        });
      last = state;
    }
    expect(last).toMatchObject({ status: 'cancelled', content: 'Half an answer', error: null });
    await answer.hungUp;
  });

  it('fails with the error in its state, and is retried as a new message', async () => {
    const { question, run } = await ask();
    const followed = eventsOf(client.follow(run));
    (await stage.model.next(question)).fail(400);
    const state = stateOf(await followed);
    expect(state).toMatchObject({
      status: 'error',
      error: { code: expect.any(String), text: expect.any(String) },
    });

    const again = await client.retry(run.message_id);
    const second = eventsOf(client.follow(again));
    (await stage.model.next(question)).text('Now it works.').finish();
    expect(stateOf(await second)).toMatchObject({ status: 'completed', content: 'Now it works.' });
    expect((await client.getMessage(again.message_id)).metadata).toEqual({ retry_of: run.message_id });
  });

  it('cannot be retried while it is active', async () => {
    const { run } = await ask();
    await expect(client.retry(run.message_id)).rejects.toMatchObject({ status: 409, code: 'run_not_ended' });
    await client.cancel(run.message_id);
  });

  it('is sent once when the response gets lost', async () => {
    let losses = 0;
    const lossy = new RepriseClient({
      baseUrl: stage.app.url,
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (init.method === 'POST' && losses++ === 0) throw new TypeError('The line is dead.');
        return response;
      },
    });
    const { run } = await ask(lossy);
    const { chat_id } = await client.getMessage(run.message_id);
    expect((await client.listMessages({ chatId: chat_id })).items).toMatchObject([
      { message_id: run.message_id },
    ]);
    expect(losses).toBe(2);
    await client.cancel(run.message_id);
  });
});

describe('a rejected stream', () => {
  it('ends permanently with the reason', async () => {
    const { question, run } = await ask();
    (await stage.model.next(question)).text('Yes.').finish();
    await eventsOf(client.follow(run));
    const unknown = '0'.repeat(24);
    await expect(eventsOf(client.follow(unknown))).rejects.toMatchObject({
      status: 404,
      code: 'message_not_found',
    });
    const after = '1760270888823_0000_a26344ee';
    await expect(eventsOf(client.follow(run, { after }))).rejects.toMatchObject({
      status: 400,
      code: 'unknown_event_id',
    });
    const { items } = await client.listMessages({
      chatId: (await client.getMessage(run.message_id)).chat_id,
    });
    await expect(eventsOf(client.follow(items[1]!.message_id))).rejects.toMatchObject({ code: 'no_stream' });
  });

  it('ends with 410 if its log is gone', async () => {
    const { question, run } = await ask();
    (await stage.model.next(question)).text('Yes.').finish();
    const [first] = await eventsOf(client.follow(run));
    const leases = stage.app.nest.get(LeaseKeeper);
    await until('its worker has let it go', () => leases.find(run.message_id) === undefined);
    const database = await openDatabase(stage.app);
    const ended_at = new Date(Date.now() - 2 * 86_400_000);
    const { chat_id } = await client.getMessage(run.message_id);
    await database.connection
      .collection('messages')
      .updateMany({ chat_id }, { $set: { 'run.ended_at': ended_at } });
    await database.close();
    await stage.app.nest.get(LogRetention).expire();
    const expired = { status: 410, code: 'events_expired' };
    await expect(eventsOf(client.follow(run, { after: first?.id }))).rejects.toMatchObject(expired);
    await expect(client.listEvents(run.message_id)).rejects.toMatchObject(expired);
  });

  it('opens when there is room if there are too many', async () => {
    const { question, run } = await ask();
    const others = [client.follow(run), client.follow(run)];
    for (const other of others) await other.next(); // `start`: the stream is open
    const connections: Connection[] = [];
    const followed = eventsOf(
      client.follow(run, { onConnection: (connection) => connections.push(connection) }),
    );
    const waiting = await until('it waits', () => connections.find(({ state }) => state === 'waiting'));
    expect(waiting).toMatchObject({ error: { status: 429, retryAfterMs: 5000 } });
    for (const other of others) await other.return();
    (await stage.model.next(question)).text('Room.').finish();
    expect(stateOf(await within('it gets in', followed, 15_000)).content).toBe('Room.');
  });
});

describe('a token', () => {
  it('that expires while a run is followed is refreshed, and the run arrives whole', async () => {
    const proxy = await TokenProxy.start(stage.app.url);
    try {
      const stale = proxy.token;
      const authorized = new RepriseClient({
        baseUrl: proxy.url,
        getHeaders: ({ refresh }) => ({ authorization: `Bearer ${refresh ? proxy.token : stale}` }),
      });
      const { question, run } = await ask(authorized);
      const answer = await stage.model.next(question);
      const events: StreamEvent[] = [];
      for await (const event of authorized.follow(run.message_id)) {
        events.push(event);
        if (event.type === 'start') {
          proxy.expire('token-1');
          answer.text('Still here.').finish();
        }
      }
      expect(events).toEqual(await client.listEvents(run.message_id));
      expect(proxy.refused).toBe(1);
    } finally {
      await proxy.stop();
    }
  });
});
