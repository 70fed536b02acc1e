import { randomUUID } from 'node:crypto';
import { Clock } from '../../src/common/index.js';
import { setStage, type Stage } from '../conformance/setup.js';
import { openDatabase, type Answer, type Created } from '../support/client.js';
import { until } from '../support/until.js';

const DAY_MS = 86_400_000;

/** How much one user may use a day. */
describe('a budget', () => {
  let stage: Stage;
  afterEach(() => stage.close());

  const post = (chat: string, content: string, headers = {}, more: object = {}): Promise<Answer> =>
    stage.client.post(`/api/chats/${chat}/messages`, { content, ...more }, headers);
  /** A question with its answer, which takes 15 tokens. */
  async function exchange(chat: string, question: string = randomUUID()): Promise<Created> {
    const created = await stage.client.send(chat, question);
    (await stage.model.next(question)).text('Yes.').finish();
    await stage.client.ended(created);
    return created;
  }
  const refused = (what: string) => ({
    status: 429,
    body: { code: 'budget_exceeded', retryable: true, detail: expect.stringContaining(what) },
  });

  it('of messages is for each user, and a refused message leaves no trace', async () => {
    stage = await setStage({ BUDGET_MESSAGES_PER_DAY: '2' });
    const chat = await stage.client.newChat();
    await exchange(chat);
    await exchange(chat);
    const third = await post(chat, 'One more?');
    expect(third).toMatchObject(refused('2 (messages)'));
    const seconds = Number(third.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(DAY_MS / 1000);
    expect(await stage.client.history(chat)).toHaveLength(4);
    await exchange(await stage.client.newChat('bob'));
    // Another chat, or one that is deleted, gives nothing back.
    await stage.client.delete(`/api/chats/${chat}`);
    expect(await post(await stage.client.newChat(), 'And now?')).toMatchObject(refused('2 (messages)'));
  });

  it('counts what is stored: no repeated request, no refused one', async () => {
    stage = await setStage({ BUDGET_MESSAGES_PER_DAY: '2' });
    const chat = await stage.client.newChat();
    const key = { 'idempotency-key': randomUUID() };
    const first = await post(chat, 'First', key);
    expect((await post(chat, 'First', key)).body).toEqual(first.body);
    expect((await post(chat, 'Busy?', {}, { on_busy: 'reject' })).status).toBe(409);
    expect((await post(chat, '')).status).toBe(400);
    (await stage.model.next('First')).text('Yes.').finish();
    await stage.client.ended(first.body as Created);
    await exchange(chat);
    expect(await post(chat, 'Third')).toMatchObject(refused('2 (messages)'));
  });

  it('gives back what was not stored: of equal requests at once, one counts', async () => {
    stage = await setStage({ BUDGET_MESSAGES_PER_DAY: '20' });
    const chat = await stage.client.newChat();
    const key = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(chat, 'Once', key)));
    expect(new Set(answers.map(({ body }) => body.message_id)).size).toBe(1);
    const database = await openDatabase(stage.app);
    const days = database.connection.collection('usage_days');
    const [day] = await days.find().toArray();
    await database.close();
    expect(day).toMatchObject({ messages: 1 });
  });

  it('holds for messages that come together', async () => {
    stage = await setStage({ BUDGET_MESSAGES_PER_DAY: '3' });
    const chats = await Promise.all(Array.from({ length: 8 }, () => stage.client.newChat()));
    const answers = await Promise.all(chats.map((chat) => post(chat, 'At once')));
    expect(answers.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
  });

  it('of tokens refuses the next message, and is new the next day', async () => {
    stage = await setStage({ BUDGET_TOKENS_PER_DAY: '20' });
    const chat = await stage.client.newChat();
    await exchange(chat);
    await exchange(chat); // at 15 there is still room
    const database = await openDatabase(stage.app);
    const days = database.connection.collection('usage_days');
    await until('both are counted', async () => (await days.countDocuments({ tokens: 30 })) === 1);
    await database.close();
    expect(await post(chat, 'Over?')).toMatchObject(refused('20 (tokens)'));
    const clock = stage.app.nest.get(Clock, { strict: false });
    clock.now = () => Date.now() + DAY_MS;
    await exchange(chat);
  });

  it('goes with its user', async () => {
    stage = await setStage({ BUDGET_MESSAGES_PER_DAY: '1' });
    await exchange(await stage.client.newChat());
    expect(await post(await stage.client.newChat(), 'Over?')).toMatchObject(refused('1 (messages)'));
    await stage.client.delete('/api/users/alice');
    await exchange(await stage.client.newChat());
  });
});
