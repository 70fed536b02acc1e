import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import { startApp } from '../../src/app.js';
import { loadSettings } from '../../src/platform/config/index.js';
import { LeaseKeeper } from '../../src/runs/index.js';
import { LogRetention } from '../../src/runs/retention/log-retention.js';
import { openDatabase, type Created, type Database } from '../support/client.js';
import { until } from '../support/until.js';
import { playRichRun, setStage, type Stage } from './setup.js';

/** What happens to an expired log. */
describe('retention', () => {
  let stage: Stage;
  let database: Database;
  let retention: LogRetention;
  beforeAll(async () => {
    stage = await setStage({ EVENT_RETENTION_DAYS: '1.5' });
    database = await openDatabase(stage.app);
    retention = stage.app.nest.get(LogRetention);
  });
  afterAll(async () => {
    await database.close();
    await stage.close();
  });

  const messages = () => database.connection.collection('messages');
  const stored = async (collection: string, filter: object): Promise<number> =>
    database.connection.collection(collection).countDocuments(filter);
  const eventsOf = ({ message_id }: Created): Promise<number> =>
    stored('message_events', { '_id.m': new Types.ObjectId(message_id) });
  const callsOf = ({ message_id }: Created): Promise<number> =>
    stored('tool_calls', { message_id: new Types.ObjectId(message_id) });

  /** A run that ended this many days ago. */
  const runOfAge = async (days: number, chat?: string): Promise<Created> => {
    const question = randomUUID();
    const created = await stage.client.send(chat ?? (await stage.client.newChat()), question);
    await playRichRun(stage.model, question);
    await stage.client.ended(created);
    // A run is sealed, and let go, just after its end.
    const leases = stage.app.nest.get(LeaseKeeper);
    await until('its worker has let it go', () => leases.find(created.message_id) === undefined);
    const filter = { _id: new Types.ObjectId(created.message_id) };
    const ended_at = new Date(Date.now() - days * 86_400_000);
    await messages().updateOne(filter, { $set: { 'run.ended_at': ended_at } });
    return created;
  };
  const setMark = (of: Created, mark: string): Promise<unknown> =>
    messages().updateOne(
      { _id: new Types.ObjectId(of.message_id) },
      { $set: { 'run.events_expired': mark } },
    );
  const gone = { status: 410, body: { code: 'events_expired', retryable: false } };
  const doors = async (of: Created): Promise<void> => {
    const answers = await Promise.all([
      stage.client.get(of.stream_url),
      stage.client.get(of.stream_url, { 'last-event-id': '1760270888823_0000_a26344ee' }),
      stage.client.get(`${of.stream_url}?dialect=v1-unnamed`),
      stage.client.get(`/api/messages/${of.message_id}/events`),
      stage.client.get(`/api/messages/${of.message_id}/events?since=1760270888823_0000_a26344ee`),
      stage.client.get(`/api/messages/${of.message_id}/tool-calls`),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject(gone);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
  };

  it('deletes the log and the tool calls of an old run, and nothing else', async () => {
    const chat = await stage.client.newChat();
    const old = await runOfAge(2, chat);
    const young = await runOfAge(1, chat);
    const history = await stage.client.history(chat);
    const log = await stage.client.replay(young.message_id);

    expect(await retention.expire()).toBe(1);
    await doors(old); // before anything is removed: never half a log
    expect(await eventsOf(old)).toBeGreaterThan(5);
    expect(await retention.remove()).toBe(1);

    await doors(old);
    expect([await eventsOf(old), await callsOf(old)]).toEqual([0, 0]);
    expect(await stage.client.history(chat)).toEqual(history);
    const { run } = await stage.client.message(old.message_id);
    expect(run).toMatchObject({ status: 'completed', events_expired: true, tool_calls: 3 });
    expect((await stage.client.message(young.message_id)).run).not.toHaveProperty('events_expired');
    expect(await stage.client.replay(young.message_id)).toEqual(log);
    expect(await callsOf(young)).toBe(3);
  });

  it('says 404, not 410, for the right message in the wrong chat', async () => {
    const old = await runOfAge(2);
    await retention.expire();
    const { status, body } = await stage.client.get(
      `/api/chats/${await stage.client.newChat()}/messages/${old.message_id}/stream`,
    );
    expect([status, body.code]).toEqual([404, 'message_not_found']);
  });

  it('completes what a process that died had marked or half removed', async () => {
    const old = await runOfAge(2);
    await setMark(old, 'removing');
    await database.connection
      .collection('message_events')
      .deleteMany({ _id: { $gt: { m: new Types.ObjectId(old.message_id), s: 2 } as never } });
    await doors(old);
    expect(await retention.remove()).toBeGreaterThan(0);
    expect([await eventsOf(old), await callsOf(old)]).toEqual([0, 0]);
    await doors(old);
  });

  it('can be done by several at once, and repeated', async () => {
    const old = await Promise.all([runOfAge(2), runOfAge(3), runOfAge(4)]);
    await Promise.all([retention.expire(), retention.expire(), retention.expire()]);
    await Promise.all([retention.remove(), retention.remove(), retention.remove()]);
    for (const one of old) {
      await doors(one);
      expect(await eventsOf(one)).toBe(0);
    }
    expect([await retention.expire(), await retention.remove()]).toEqual([0, 0]);
  });

  it('leaves alone what has not ended', async () => {
    const created = await stage.client.send(await stage.client.newChat(), 'still running');
    const answer = (await stage.model.next('still running')).text('so far');
    await messages().updateOne(
      { _id: new Types.ObjectId(created.message_id) },
      { $set: { 'run.ended_at': new Date(0) } },
    );
    expect(await retention.expire()).toBe(0);
    answer.finish();
    expect((await stage.client.ended(created)).at(-1)).toMatchObject({ type: 'end', status: 'completed' });
  });

  it('handles more than one batch', async () => {
    const ids = Array.from({ length: 250 }, () => new Types.ObjectId());
    const run = { open: false, attempt: 1, handovers: 0, cancel_requested: false, queued_at: new Date(0) };
    await messages().insertMany(
      ids.map((_id) => ({
        _id,
        tenant_id: _id.toHexString().endsWith('0') ? 'another' : 'default',
        chat_id: randomUUID(),
        role: 'user',
        status: 'completed',
        run: { ...run, ended_at: new Date(0) },
      })),
    );
    expect(await retention.expire()).toBe(250);
    expect(await retention.remove()).toBe(250);
    expect(await stored('messages', { _id: { $in: ids }, 'run.events_expired': 'removed' })).toBe(250);
  });

  it('finds old and marked logs by its index', async () => {
    for (const mark of [null, 'removing']) {
      const filter = { 'run.open': false, 'run.events_expired': mark, 'run.ended_at': { $lt: new Date() } };
      const plan = await messages().find(filter).limit(100).explain('queryPlanner');
      expect(JSON.stringify(plan)).toContain('"indexName":"ended_runs"');
    }
  });

  it('sweeps at startup, including runs that ended before the setting was set', async () => {
    const off = await setStage();
    const other = await openDatabase(off.app);
    try {
      const created = await off.client.send(await off.client.newChat(), 'long ago');
      (await off.model.next('long ago')).text('x').finish();
      await off.client.ended(created);
      await other.connection
        .collection('messages')
        .updateMany({ run: { $exists: true } }, { $set: { 'run.ended_at': new Date(0) } });
      expect(await off.app.nest.get(LogRetention).expire()).toBe(0);
      expect(await off.client.replay(created.message_id)).not.toEqual([]);

      const on = await startApp(loadSettings({ ...off.app.env, EVENT_RETENTION_DAYS: '0.001' }));
      await until('the log expires', async () => (await off.client.get(created.stream_url)).status === 410);
      await on.stop();
      const next = await startApp(loadSettings(off.app.env)); // off again: marked logs are removed anyway
      const events = other.connection.collection('message_events');
      await until('the log is gone', async () => (await events.countDocuments()) === 0);
      await next.stop();
    } finally {
      await other.close();
      await off.close();
    }
  });

  it('can be off, or a fraction of a day, but not nonsense', () => {
    expect(loadSettings({}).EVENT_RETENTION_DAYS).toBeUndefined();
    expect(loadSettings({ EVENT_RETENTION_DAYS: '0.25' }).EVENT_RETENTION_DAYS).toBe(0.25);
    for (const wrong of ['0', '-1', 'never'])
      expect(() => loadSettings({ EVENT_RETENTION_DAYS: wrong })).toThrow('EVENT_RETENTION_DAYS');
  });
});
