import type { mongo } from 'mongoose';
import { OwnerFill } from '../../src/messages/owner-fill.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client, openDatabase, type Created } from '../support/client.js';
import { until } from '../support/until.js';

/** Messages from versions that did not store their user. */
describe('messages without a user', () => {
  let app: TestApp;
  let messages: mongo.Collection;
  let close: () => Promise<void>;
  const owners = async (): Promise<Record<string, unknown>> => {
    const all = await messages.find().sort({ _id: 1 }).toArray();
    return Object.fromEntries(all.map(({ _id, user_id }) => [String(_id), user_id]));
  };

  beforeEach(async () => {
    app = await startTestApp();
    const client = new Client(app.url);
    for (const user of ['alice', 'bob', 'alice']) {
      const chat = await client.newChat(user);
      const asked: Created[] = [await client.send(chat, 'One?'), await client.send(chat, 'Two?')];
      for (const one of asked) await client.ended(one);
    }
    const database = await openDatabase(app);
    messages = database.connection.collection('messages');
    close = database.close;
  });
  afterEach(async () => {
    await close();
    await app.destroy();
  });

  it('get the user of their chat when the server starts, questions and answers', async () => {
    const before = await owners();
    expect(Object.values(before).sort()).toEqual([...Array(8).fill('alice'), ...Array(4).fill('bob')]);
    await messages.updateMany({}, { $unset: { user_id: 1 } });
    await app.stop();
    const again = await startTestApp(app.env);
    try {
      await until(
        'all messages have a user',
        async () => (await messages.countDocuments({ user_id: null })) === 0,
      );
      expect(await owners()).toEqual(before);
    } finally {
      await again.stop();
      app = { ...app, stop: () => Promise.resolve() };
    }
  });

  it('are found by an index that contains nothing else', async () => {
    const find = messages.find({ user_id: null, chat_id: { $gt: '' } }).hint('without_user');
    const { executionStats } = await find.explain('executionStats');
    expect(executionStats).toMatchObject({ totalKeysExamined: 0, totalDocsExamined: 0 });
  });

  it('may be left by an interrupted fill: the next one continues', async () => {
    const before = await owners();
    const [first] = await messages.distinct('chat_id');
    await messages.updateMany({ chat_id: { $ne: first } }, { $unset: { user_id: 1 } });
    expect(await app.nest.get(OwnerFill, { strict: false }).run()).toBe(8);
    expect(await owners()).toEqual(before);
  });

  it('whose chat is gone stay unchanged, and delay nothing', async () => {
    await messages.updateMany({}, { $unset: { user_id: 1 } });
    const [first] = await messages.distinct('chat_id');
    await messages.updateMany({ chat_id: first }, { $set: { chat_id: '0-gone' } });
    const fill = app.nest.get(OwnerFill, { strict: false });
    expect(await fill.run()).toBe(8);
    expect(await fill.run()).toBe(0);
    expect(await messages.countDocuments({ user_id: null, chat_id: '0-gone' })).toBe(4);
  });
});
