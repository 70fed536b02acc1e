import { ExternalChats, isExternalKey } from '../../src/chats/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client, openDatabase } from '../support/client.js';
import { scopeOf } from '../support/scopes.js';

describe('chats of clients with keys of their own', () => {
  let app: TestApp;
  let chats: ExternalChats;
  beforeAll(async () => {
    app = await startTestApp();
    chats = app.nest.get(ExternalChats);
  });
  afterAll(() => app.destroy());

  const alice = scopeOf('alice');
  const bob = scopeOf('bob');

  it('are created on first use, once, however many requests come first', async () => {
    expect(await chats.find(alice, 'alice', 'thread-1')).toBeUndefined();
    const opened = await Promise.all(Array.from({ length: 8 }, () => chats.open(alice, 'alice', 'thread-1')));
    expect(new Set(opened.map(({ _id }) => _id)).size).toBe(1);
    expect(await chats.find(alice, 'alice', 'thread-1')).toMatchObject({ _id: opened[0]?._id });
  });

  it('belong to their user: the same key of another one is another chat', async () => {
    const mine = await chats.open(alice, 'alice', 'shared name');
    const theirs = await chats.open(bob, 'bob', 'shared name');
    expect(theirs._id).not.toBe(mine._id);
    await expect(chats.find(bob, 'alice', 'shared name')).rejects.toMatchObject({ code: 'user_not_found' });
    expect(await chats.find(scopeOf('alice', 'other'), 'alice', 'shared name')).toBeUndefined();
  });

  it('are found by their own ids, but not those of others', async () => {
    const mine = await chats.open(alice, 'alice', 'by id');
    expect(await chats.find(alice, 'alice', mine._id.toUpperCase())).toMatchObject({ _id: mine._id });
    const named = await chats.open(bob, 'bob', mine._id);
    expect(named).toMatchObject({ user_id: 'bob', external_key: mine._id });
    expect(named._id).not.toBe(mine._id);
    expect(await chats.open(alice, 'alice', mine._id)).toMatchObject({ _id: mine._id });
  });

  it('that were deleted, or whose deletion was interrupted, leave their key to a new one', async () => {
    const first = await chats.open(alice, 'alice', 'again');
    expect(await chats.erase(alice, 'alice', 'again')).toBe(true);
    expect(await chats.erase(alice, 'alice', 'again')).toBe(false);
    const second = await chats.open(alice, 'alice', 'again');
    const { connection, close } = await openDatabase(app);
    await connection
      .collection('chats')
      .updateOne({ _id: second._id as never }, { $set: { deleting: true } });
    expect(await chats.find(alice, 'alice', 'again')).toBeUndefined();
    const third = await chats.open(alice, 'alice', 'again');
    expect(new Set([first._id, second._id, third._id]).size).toBe(3);
    expect(await connection.collection('chats').countDocuments({ external_key: 'again' })).toBe(1);
    await close();
  });

  it('are chats like all others', async () => {
    const chat = await chats.open(alice, 'alice', 'seen', { title: 'From elsewhere' });
    const { body } = await new Client(app.url).get('/api/users/alice/chats?search=elsewhere');
    expect(body).toMatchObject({ items: [{ chat_id: chat._id, title: 'From elsewhere' }] });
  });

  it.each([
    ['thread/1 with ünïcode', true],
    ['x'.repeat(200), true],
    ['x'.repeat(201), false],
    ['', false],
    ['a\0b', false],
    ['\ud800', false],
    [7, false],
  ])('are not called just anything: %j', (key, isOne) => {
    expect(isExternalKey(key)).toBe(isOne);
  });
});
