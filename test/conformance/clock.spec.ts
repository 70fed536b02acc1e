import { Clock } from '../../src/common/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client, openDatabase, type Created } from '../support/client.js';
import { until } from '../support/until.js';
import { setStage, type Stage } from './setup.js';

const HOUR_MS = 3_600_000;

/** Sets the clock of one server, relative to the machine's. */
function setClock(app: TestApp, offsetMs: number): void {
  app.nest.get(Clock, { strict: false }).now = () => Date.now() + offsetMs;
}

/** Times of messages, or of chats, as numbers. */
const times = (items: readonly any[], field = 'created_at'): number[] =>
  items.map((item) => Date.parse(item[field] as string));

const isRising = (values: readonly number[]): boolean =>
  values.every((value, index) => index === 0 || value > values[index - 1]!);

describe('a chat whose servers have clocks that jump or differ', () => {
  let stage: Stage;
  let other: TestApp;
  let clients: Client[];
  beforeAll(async () => {
    stage = await setStage();
    other = await startTestApp(stage.app.env); // the same database, another process's clock
    clients = [stage.client, new Client(other.url)];
  });
  afterAll(async () => {
    await other.stop();
    await stage.close();
  });
  afterEach(() => {
    for (const app of [stage.app, other]) setClock(app, 0);
  });

  /** A question and its answer. */
  async function exchange(chat: string, question: string, client = stage.client): Promise<Created> {
    const created = await client.send(chat, question);
    (await stage.model.next(question)).text(`To ${question}`).finish();
    await client.ended(created);
    return created;
  }

  it.each([
    ['is set back an hour', [0, -HOUR_MS, -HOUR_MS]],
    ['is set back again and again', [0, -HOUR_MS, -2 * HOUR_MS]],
    ['jumps ahead and back', [0, HOUR_MS, 0]],
    ['goes as it should', [0, 0, 0]],
  ])('keeps the order of arrival when the clock %s', async (title, offsets) => {
    const chat = await stage.client.newChat();
    const questions = offsets.map((_, index) => `${title} ${index}`);
    for (const [index, question] of questions.entries()) {
      setClock(stage.app, offsets[index]!);
      await exchange(chat, question);
    }
    const history = await stage.client.history(chat);
    expect(history.map(({ content }) => content)).toEqual(questions.flatMap((q) => [q, `To ${q}`]));
    expect(isRising(times(history))).toBe(true);
  });

  it('shows the model what was said before the clock was set back', async () => {
    const chat = await stage.client.newChat();
    await exchange(chat, 'I am Ada');
    setClock(stage.app, -HOUR_MS);
    const created = await stage.client.send(chat, 'who is this?');
    const turn = await stage.model.next('who is this?');
    expect(turn.messages.slice(1).map(({ content }) => content)).toEqual([
      'I am Ada',
      'To I am Ada',
      'who is this?',
    ]);
    turn.text('Ada').finish();
    await stage.client.ended(created);
  });

  it('runs waiting messages in order of arrival, and no run starts before it was queued or ends before it started', async () => {
    const chat = await stage.client.newChat();
    const asked: Created[] = [];
    for (const index of [0, 1, 2, 3]) {
      setClock(stage.app, -index * HOUR_MS);
      asked.push(await stage.client.send(chat, `waits ${index}`));
    }
    for (const index of [0, 1, 2, 3]) {
      const turn = await stage.model.next();
      expect(turn.question).toBe(`waits ${index}`);
      turn.text('x').finish();
      await stage.client.ended(asked[index]!);
    }
    for (const { message_id } of asked) {
      const { run } = await stage.client.message(message_id);
      expect(run.started_at >= run.queued_at && run.ended_at >= run.started_at).toBe(true);
    }
  });

  it('lists messages in order of arrival when two servers with different clocks accept them', async () => {
    setClock(other, -HOUR_MS);
    const chat = await stage.client.newChat();
    const questions = [0, 1, 2, 3, 4, 5].map((index) => `by either ${index}`);
    for (const [index, question] of questions.entries()) await exchange(chat, question, clients[index % 2]);
    const history = await clients[1]!.history(chat);
    expect(history.map(({ content }) => content)).toEqual(questions.flatMap((q) => [q, `To ${q}`]));
    expect(isRising(times(history))).toBe(true);
  });

  it('never gives two concurrent messages the same time', async () => {
    setClock(other, -HOUR_MS);
    const chat = await stage.client.newChat();
    const sent = await Promise.all(
      Array.from({ length: 16 }, (_, index) => clients[index % 2]!.send(chat, `at once ${index}`)),
    );
    for (const of of sent) await stage.client.cancel(of.message_id);
    await Promise.all(sent.map((of) => stage.client.ended(of)));
    await until('all have ended', async () => {
      const { items } = (await stage.client.get(`/api/chats/${chat}/messages?page_size=100`)).body;
      return items.length === 32;
    });
    const all = await stage.client.history(chat);
    expect(new Set(times(all)).size).toBe(32);
    expect(isRising(times(all))).toBe(true);
    const pages = await Promise.all(
      [1, 2, 3, 4].map((page) => stage.client.get(`/api/chats/${chat}/messages?page=${page}&page_size=8`)),
    );
    expect(pages.flatMap(({ body }) => body.items)).toEqual(all);
  });

  it("lists a user's chats by their latest activity, and last_active stays", async () => {
    const user = 'time-traveller';
    const [first, second] = [await stage.client.newChat(user), await stage.client.newChat(user)];
    const newest = async (): Promise<string[]> =>
      (await stage.client.get(`/api/users/${user}/chats`)).body.items.map((chat: any) => chat.chat_id);
    expect(await newest()).toEqual([second, first]);
    const before = (await stage.client.get(`/api/users/${user}`)).body.last_active as string;

    setClock(stage.app, -HOUR_MS);
    await exchange(first, 'an hour earlier');
    expect(await newest()).toEqual([first, second]);
    await stage.client.patch(`/api/chats/${second}`, { title: 'Renamed' });
    expect(await newest()).toEqual([second, first]);
    const third = await stage.client.newChat(user);
    expect(await newest()).toEqual([third, second, first]);
    const after = (await stage.client.get(`/api/users/${user}`)).body.last_active as string;
    expect(after >= before).toBe(true);
  });

  it('keeps no trace of a rejected message', async () => {
    const chat = await stage.client.newChat();
    const busy = await stage.client.send(chat, 'busy');
    const turn = await stage.model.next('busy');
    const { body: before } = await stage.client.get(`/api/chats/${chat}`);
    const refused = await stage.client.post(`/api/chats/${chat}/messages`, {
      content: 'x',
      on_busy: 'reject',
    });
    expect(refused.status).toBe(409);
    expect((await stage.client.get(`/api/chats/${chat}`)).body).toEqual(before);
    turn.text('x').finish();
    await stage.client.ended(busy);
  });

  it('continues after the messages of a chat that does not know its latest one', async () => {
    const database = await openDatabase(stage.app);
    const chat = await stage.client.newChat();
    await exchange(chat, 'from long ago');
    const ahead = new Date(Date.now() + HOUR_MS); // according to another machine's clock
    await database.connection
      .collection('messages')
      .updateOne({ chat_id: chat, role: 'assistant' }, { $set: { created_at: ahead } });
    await database.connection
      .collection<{ _id: string }>('chats')
      .updateOne({ _id: chat }, { $unset: { last_message_at: 1, open_runs: 1 } });
    await database.close();
    await exchange(chat, 'and now');
    const history = await stage.client.history(chat);
    expect(history.map(({ content }) => content)).toEqual([
      'from long ago',
      'To from long ago',
      'and now',
      'To and now',
    ]);
  });
});
