import { randomBytes } from 'node:crypto';
import mongoose, { type Model, Types } from 'mongoose';
import { Clock, DEFAULT_TENANT } from '../../src/common/index.js';
import { loadSettings } from '../../src/platform/config/index.js';
import { shownStatus, type HeldRun } from '../../src/run-record/index.js';
import { messageSchema, type MessageDocument } from '../../src/run-record/message.schema.js';
import { ParkedRuns } from '../../src/runs/record/parked-runs.js';
import { RunStore } from '../../src/runs/record/run-store.js';
import { testMongoUri } from '../support/app.js';
import { scopeOf } from '../support/scopes.js';

class HandClock extends Clock {
  ms = 1_700_000_000_000;
  override now(): number {
    return this.ms;
  }
}

describe('ParkedRuns', () => {
  let connection: mongoose.Connection;
  let messages: Model<MessageDocument>;
  let store: RunStore;
  let parked: ParkedRuns;
  let chat: string;
  const clock = new HandClock();

  beforeAll(async () => {
    const dbName = `test_${randomBytes(6).toString('hex')}`;
    connection = await mongoose.createConnection(testMongoUri(), { dbName }).asPromise();
    messages = connection.model<MessageDocument>('Message', messageSchema);
    await messages.init();
    store = new RunStore(messages, clock, loadSettings({ RUN_LEASE_MS: '10000' }));
    parked = new ParkedRuns(messages, clock);
  });
  beforeEach(() => {
    chat = new Types.ObjectId().toHexString();
  });
  afterAll(async () => {
    await connection.dropDatabase();
    await connection.close();
  });

  const rest = { until: new Date(clock.ms + 60_000), calls: ['c'] };
  const ask = async (): Promise<void> => {
    const queued_at = new Date(clock.ms++);
    const run = { open: true, attempt: 0, handovers: 0, cancel_requested: false, queued_at };
    const question = { tenant_id: DEFAULT_TENANT, chat_id: chat, role: 'user' as const, content: '?' };
    await messages.create({ ...question, status: 'pending', created_at: queued_at, run });
  };
  const stored = (run: HeldRun) => messages.findById(run._id).lean<HeldRun>();
  const running = async (): Promise<HeldRun> => {
    await ask();
    const run = await store.claim(chat);
    if (!run) throw new Error('nothing to claim');
    return run;
  };
  const idOf = (run: HeldRun): string => run._id.toHexString();
  const resting = async (): Promise<HeldRun> => {
    const run = await running();
    expect(await parked.park(run, rest)).toBe(true);
    return run;
  };

  it('keep their chat, and no worker', async () => {
    const run = await resting();
    await ask();
    expect(await store.claim(chat)).toBeNull();
    clock.ms += 1_000_000;
    expect(await store.takeOver(chat)).toBeNull();
    expect(await store.renew(run)).toBeNull();
    const now = await stored(run);
    expect(now).toMatchObject({ status: 'processing', run: { waiting: { calls: ['c'] }, handovers: 1 } });
    expect(now?.run.lease).toBeUndefined();
    expect(now && shownStatus(now)).toBe('waiting');
  });

  it('are given to one worker once they are woken, without counting as lost', async () => {
    const run = await resting();
    clock.ms += 5000;
    const wakes = await Promise.all(Array.from({ length: 6 }, () => parked.wake(idOf(run))));
    expect(wakes.filter((one) => one !== undefined)).toEqual([chat]);
    expect(await store.renew(run)).toBeNull(); // a renewal that was on its way when the run was parked
    expect(await store.chatsWithWork()).toContain(chat);
    const takers = await Promise.all(Array.from({ length: 6 }, () => store.takeOver(chat)));
    const [taken, ...others] = takers.filter((one) => one !== null);
    expect(others).toEqual([]);
    expect(taken?.run).toMatchObject({ attempt: 2, handovers: 1, woken_attempt: 2, waited_ms: 5000 });
    expect(taken?.run.waiting).toBeUndefined();
    expect(taken && shownStatus(taken)).toBe('processing');
    expect(taken && store.elapsedMs(taken)).toBeLessThan(5000);
  });

  it('are not woken twice, nor when they do not wait', async () => {
    const run = await running();
    expect(await parked.wake(idOf(run))).toBeUndefined();
    await parked.park(run, rest);
    await parked.wake(idOf(run));
    expect(await parked.wake(idOf(run))).toBeUndefined();
    expect((await stored(run))?.run.attempt).toBe(1);
  });

  it('are not parked by a worker that has lost them', async () => {
    const run = await running();
    clock.ms += 10_001;
    const second = await store.takeOver(chat);
    expect(await parked.park(run, rest)).toBe(false);
    expect((await stored(run))?.run.waiting).toBeUndefined();
    expect(await store.renew(second!)).not.toBeNull();
  });

  it('are parked or stopped, never both', async () => {
    for (let round = 0; round < 20; round++) {
      chat = new Types.ObjectId().toHexString();
      const run = await running();
      const [isParked, asked] = await Promise.all([
        parked.park(run, rest),
        store.requestCancel(scopeOf(), idOf(run)),
      ]);
      // Either the request finds a run that waits, and ends it, or the worker is told.
      expect(asked?.run.waiting !== undefined).toBe(isParked);
      const ending = await store.claimCancelled(asked!);
      expect(ending !== null).toBe(isParked);
      if (ending) expect(ending.run).toMatchObject({ attempt: 2, handovers: 1, cancel_requested: true });
    }
  });

  it('are woken or stopped: of both at once, whoever comes second finds the other', async () => {
    for (let round = 0; round < 20; round++) {
      chat = new Types.ObjectId().toHexString();
      const run = await resting();
      const asked = await store.requestCancel(scopeOf(), idOf(run));
      const [woken, ending] = await Promise.all([parked.wake(idOf(run)), store.claimCancelled(asked!)]);
      expect((woken !== undefined) !== (ending !== null)).toBe(true);
      const holder = ending ?? (await store.takeOver(chat));
      expect(holder?.run).toMatchObject({ attempt: 2, cancel_requested: true });
      expect(holder?.run.waiting).toBeUndefined();
    }
  });

  it('are counted', async () => {
    const before = await parked.count();
    const run = await resting();
    expect(await parked.count()).toBe(before + 1);
    await parked.wake(idOf(run));
    expect(await parked.count()).toBe(before);
  });
});
