import type { mongo } from 'mongoose';
import type { OpenRun } from '../../src/chats/index.js';
import { ChatQueue } from '../../src/messages/index.js';
import { answerOf } from '../support/client.js';
import { openDatabase, type Database } from '../support/client.js';
import { until } from '../support/until.js';
import { scopeOf } from '../support/scopes.js';
import { setStage, type Stage } from '../conformance/setup.js';

const HOUR_MS = 3_600_000;

let lostOnes = 0;

/** A question that was let in so long ago, and never stored. */
const lost = (ms: number): OpenRun => ({
  id: (++lostOnes).toString(16).padStart(24, '0'),
  at: new Date(Date.now() - ms),
});

/** How questions get into their chats, and what becomes of it when a process dies between two writes. */
describe('a chat', () => {
  let stage: Stage;
  let database: Database;
  let chats: mongo.Collection<{ _id: string; open_runs?: OpenRun[] }>;
  let messages: mongo.Collection;
  beforeAll(async () => {
    stage = await setStage({ QUEUE_MAX_PER_CHAT: '3' });
    database = await openDatabase(stage.app);
    chats = database.connection.collection('chats') as never;
    messages = database.connection.collection('messages');
  });
  afterAll(async () => {
    await database.close();
    await stage.close();
  });

  const openRuns = async (chat: string) =>
    (await chats.findOne({ _id: chat }))?.open_runs?.map(({ id }) => id);
  const answerNext = async (question: string): Promise<void> => {
    (await stage.model.next(question)).text(`To ${question}`).finish();
  };

  it('stores the first question with its run begun, and what comes meanwhile as pending', async () => {
    const chat = await stage.client.newChat();
    const first = await stage.client.send(chat, 'begun');
    const turn = await stage.model.next('begun');
    expect(await stage.client.message(first.message_id)).toMatchObject({
      status: 'processing',
      run: { attempt: 1 },
    });
    const second = await stage.client.send(chat, 'waits');
    expect(await stage.client.message(second.message_id)).toMatchObject({
      status: 'pending',
      run: { attempt: 0 },
    });
    expect(await openRuns(chat)).toEqual([first.message_id, second.message_id]);
    turn.text('x').finish();
    await answerNext('waits');
    await stage.client.ended(second);
    expect(await openRuns(chat)).toEqual([]);
  });

  it('lets a second question follow at once when the first has ended', async () => {
    const chat = await stage.client.newChat();
    for (const question of ['one', 'two', 'three']) {
      const sent = await stage.client.send(chat, question);
      expect((await stage.client.message(sent.message_id)).status).toBe('processing');
      await answerNext(question);
      expect(answerOf(await stage.client.ended(sent))).toBe(`To ${question}`);
    }
  });

  it('of an earlier version learns what is open before it lets a question in', async () => {
    const chat = await stage.client.newChat();
    const first = await stage.client.send(chat, 'still open');
    const turn = await stage.model.next('still open');
    await chats.updateOne({ _id: chat }, { $unset: { open_runs: 1, last_message_at: 1 } });
    const second = await stage.client.send(chat, 'behind it');
    expect(await openRuns(chat)).toEqual([first.message_id, second.message_id]);
    expect((await stage.client.message(second.message_id)).status).toBe('pending');
    turn.text('x').finish();
    const { messages: asked } = await stage.model
      .next('behind it')
      .then((next) => (next.text('y').finish(), next));
    expect(asked.map(({ content }) => content)).toContain('still open');
    await stage.client.ended(second);
  });

  it('forgets questions that were let in and never stored, rather than refuse others', async () => {
    const chat = await stage.client.newChat();
    const open_runs = [lost(3 * HOUR_MS), lost(2 * HOUR_MS), lost(HOUR_MS)];
    await chats.updateOne({ _id: chat }, { $set: { open_runs } });
    const sent = await stage.client.send(chat, 'let me in');
    await answerNext('let me in');
    await stage.client.ended(sent);
    expect(await openRuns(chat)).toEqual([]);
  });

  it('refuses others while questions that were let in may still be stored', async () => {
    const chat = await stage.client.newChat();
    await chats.updateOne({ _id: chat }, { $set: { open_runs: [lost(0), lost(0), lost(0)] } });
    const { status, body } = await stage.client.post(`/api/chats/${chat}/messages`, { content: 'x' });
    expect([status, body.code]).toEqual([429, 'chat_queue_full']);
  });

  it('a question behind one that was never stored is worked on all the same', async () => {
    const chat = await stage.client.newChat();
    await chats.updateOne({ _id: chat }, { $set: { open_runs: [lost(HOUR_MS)] } });
    const sent = await stage.client.send(chat, 'behind nothing');
    await answerNext('behind nothing');
    expect(answerOf(await stage.client.ended(sent))).toBe('To behind nothing');
  });

  it('that was deleted after it let a question in keeps nothing of it', async () => {
    const chat = await stage.client.newChat();
    const sent = await stage.client.send(chat, 'too late');
    const turn = await stage.model.next('too late');
    // As if the deletion had looked for messages just before this one was stored.
    await chats.deleteOne({ _id: chat });
    turn.text('x').finish();
    const reader = await stage.client.stream(sent);
    await reader.all();
    await until(
      'nothing of it is left',
      async () => (await messages.countDocuments({ chat_id: chat })) === 0,
    );
    expect((await stage.client.get(`/api/messages/${sent.message_id}`)).status).toBe(404);
  });

  it('lets in what arrives at once in one order, one run at a time, none twice', async () => {
    const chat = await stage.client.newChat();
    const sent = await Promise.all(['a', 'b', 'c'].map((question) => stage.client.send(chat, question)));
    const order: string[] = [];
    for (let left = 3; left > 0; left--) {
      const turn = await stage.model.next();
      expect(stage.model.pending).toEqual([]);
      order.push(turn.question);
      turn.text('x').finish();
      const index = ['a', 'b', 'c'].indexOf(turn.question);
      await stage.client.ended(sent[index]!);
    }
    const history = await stage.client.history(chat);
    const asked = history.filter(({ role }) => role === 'user').map(({ content }) => content);
    expect(asked).toEqual(order);
  });

  it('takes back the place of a question that came with a used key', async () => {
    const chat = await stage.client.newChat();
    const post = () =>
      stage.client.post(`/api/chats/${chat}/messages`, { content: 'once' }, { 'idempotency-key': 'k' });
    const answers = await Promise.all([post(), post(), post()]);
    expect(new Set(answers.map(({ body }) => body.message_id)).size).toBe(1);
    await answerNext('once');
    await stage.client.ended(answers[0].body);
    expect(await openRuns(chat)).toEqual([]);
  });

  it('gives an answer a later time than what came in meanwhile, and twice the same place is no harm', async () => {
    const queue = stage.app.nest.get(ChatQueue, { strict: false });
    const chat = await stage.client.newChat();
    const { id } = lost(0);
    const place = await queue.enter(scopeOf(), chat, { id, exclusive: false });
    expect(place).toMatchObject({ ahead: [], chat: { asked: 1 } });
    const later = await queue.enter(scopeOf(), chat, { id: 'e'.repeat(24), exclusive: false });
    expect(later).toMatchObject({ ahead: [id], chat: { asked: 2 } });
    expect(later.at.getTime()).toBeGreaterThan(place.at.getTime());
  });
});
