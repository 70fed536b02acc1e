import { randomBytes } from 'node:crypto';
import mongoose, { type Model, Types } from 'mongoose';
import { ANY_USER, Clock, DEFAULT_TENANT } from '../../src/common/index.js';
import { messageSchema, type MessageDocument } from '../../src/run-record/message.schema.js';
import { loadSettings } from '../../src/platform/config/index.js';
import type { Ending } from '../../src/runs/record/ending.js';
import type { HeldRun } from '../../src/run-record/index.js';
import { RunStore } from '../../src/runs/record/run-store.js';
import { testMongoUri } from '../support/app.js';
import { scopeOf } from '../support/scopes.js';

const LEASE_MS = 10_000;
const ENDING: Ending = {
  status: 'completed',
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
  model: 'm',
  tool_calls: 0,
};

class HandClock extends Clock {
  ms = 1_700_000_000_000;
  override now(): number {
    return this.ms;
  }
}

describe('RunStore', () => {
  let connection: mongoose.Connection;
  let messages: Model<MessageDocument>;
  let store: RunStore;
  let chat: string;
  let queued = 0;
  const clock = new HandClock();

  beforeAll(async () => {
    const dbName = `test_${randomBytes(6).toString('hex')}`;
    connection = await mongoose.createConnection(testMongoUri(), { dbName }).asPromise();
    messages = connection.model<MessageDocument>('Message', messageSchema);
    await messages.init();
    store = new RunStore(messages, clock, loadSettings({ RUN_LEASE_MS: String(LEASE_MS) }));
  });
  beforeEach(() => {
    chat = new Types.ObjectId().toHexString();
  });
  afterAll(async () => {
    await connection.dropDatabase();
    await connection.close();
  });

  /** A question with a pending run. */
  const ask = async (queuedAt = queued++, interrupts = false): Promise<string> => {
    const queued_at = new Date(clock.now() + queuedAt);
    const interrupting = interrupts ? { interrupts_at: queued_at } : {};
    const run = { open: true, attempt: 0, handovers: 0, cancel_requested: false, queued_at, ...interrupting };
    const question = {
      tenant_id: DEFAULT_TENANT,
      chat_id: chat,
      role: 'user' as const,
      content: '?',
      status: 'pending' as const,
    };
    const { _id } = await messages.create({ ...question, created_at: queued_at, run });
    return _id.toHexString();
  };
  const stored = (run: { _id: Types.ObjectId }) => messages.findById(run._id).lean<HeldRun>();
  const claim = async (): Promise<HeldRun> => {
    const run = await store.claim(chat);
    if (!run) throw new Error('nothing to claim');
    return run;
  };
  /** A run whose first holder was silent for too long, with both holders. */
  const takenOver = async (): Promise<[HeldRun, HeldRun]> => {
    await ask();
    const first = await claim();
    clock.ms += LEASE_MS + 1;
    const second = await store.takeOver(chat);
    if (!second) throw new Error('not taken over');
    return [first, second];
  };

  it('gives the run to one of many concurrent claims of a chat', async () => {
    await ask();
    await ask();
    const claims = await Promise.all(Array.from({ length: 12 }, () => store.claim(chat)));
    const [winner, ...others] = claims.filter((run) => run !== null);
    expect(others).toEqual([]);
    expect(winner).toMatchObject({ status: 'processing', run: { attempt: 1, open: true } });
  });

  it('claims first come, first served, one at a time', async () => {
    const late = await ask(2000);
    const early = await ask(1000);
    const last = await ask(3000);
    const order: string[] = [];
    for (let run = await store.claim(chat); run; run = await store.claim(chat)) {
      order.push(run._id.toHexString());
      expect(await store.claim(chat)).toBeNull();
      await store.finish(run, ENDING, 1);
      await store.seal(run);
    }
    expect(order).toEqual([early, late, last]);
  });

  it('claims the newest interrupting run before all others', async () => {
    const first = await ask(1000);
    const older = await ask(2000, true);
    const newer = await ask(3000, true);
    const last = await ask(4000);
    const order: string[] = [];
    for (let run = await store.claim(chat); run; run = await store.claim(chat)) {
      order.push(run._id.toHexString());
      await store.finish(run, ENDING, 1);
      await store.seal(run);
    }
    expect(order).toEqual([newer, older, first, last]);
  });

  it('stops a run that was claimed while an interrupting one was stored', async () => {
    for (let round = 0; round < 30; round++) {
      chat = new Types.ObjectId().toHexString();
      await ask();
      const [claimed, id] = await Promise.all([store.claim(chat), ask(queued++, true)]);
      const superseded = (await store.superseded(chat, id)).map((run) => run._id.toHexString());
      const first = claimed!._id.toHexString();
      expect(first === id || claimed!.run.cancel_requested || superseded.includes(first)).toBe(true);
      expect(superseded).not.toContain(id);
    }
  });

  it('ends what ran or interrupted before, and nothing that waits or came later', async () => {
    const waits = await ask(1000);
    const running = await claim();
    const older = await ask(2000, true);
    const queuedOne = await ask(3000);
    const newest = await ask(4000, true);
    const later = await ask(5000);
    const ids = async (of: string): Promise<string[]> =>
      (await store.superseded(chat, of)).map((run) => run._id.toHexString());
    expect(running._id.toHexString()).toBe(waits);
    for (const one of [older, newest]) expect((await ids(one)).sort()).toEqual([waits, older].sort());
    expect(await ids(newest)).not.toEqual(expect.arrayContaining([queuedOne, later]));
    expect(await store.superseded(chat, new Types.ObjectId().toHexString())).toEqual([]);
  });

  it('starts no run before it was queued, and ends none before it started', async () => {
    await ask(60_000); // queued by a clock that was ahead
    const run = await claim();
    expect(run.run.started_at).toEqual(run.run.queued_at);
    await store.finish(run, ENDING, 0);
    expect((await stored(run))?.run.ended_at).toEqual(run.run.queued_at);
  });

  it('allows the next run of a chat to start once the state of the last one is stored', async () => {
    await ask();
    await ask();
    const first = await claim();
    expect(await store.claim(chat)).toBeNull();
    expect(await store.finish(first, ENDING, 1)).toBe(true);
    expect((await claim())._id).not.toEqual(first._id);
  });

  it('takes over only orphans, each once', async () => {
    await ask();
    expect(await store.takeOver(chat)).toBeNull(); // pending, without a holder
    const first = await claim();
    clock.ms += LEASE_MS - 1;
    expect(await store.takeOver(chat)).toBeNull();
    await store.renew(first);
    clock.ms += LEASE_MS - 1;
    expect(await store.takeOver(chat)).toBeNull();
    expect(await store.chatsWithWork()).not.toContain(chat);
    clock.ms += 2;
    expect(await store.chatsWithWork()).toContain(chat);
    const takers = await Promise.all(Array.from({ length: 8 }, () => store.takeOver(chat)));
    expect(takers.filter((run) => run !== null)).toMatchObject([{ run: { attempt: 2 } }]);
    expect(await store.takeOver(chat)).toBeNull();
  });

  it('hands over a released run at once, and does not count that attempt', async () => {
    await ask();
    await store.release(await claim());
    expect(await store.takeOver(chat)).toMatchObject({ run: { attempt: 2, handovers: 1 } });
  });

  it('takes over a run that had ended but was not sealed, and nothing that was', async () => {
    await ask();
    const run = await claim();
    await store.finish(run, ENDING, 1);
    clock.ms += LEASE_MS + 1;
    const second = await store.takeOver(chat);
    expect(second).toMatchObject({ status: 'completed', run: { attempt: 2, model: 'm' } });
    await store.seal(second!);
    clock.ms += LEASE_MS + 1;
    expect(await store.takeOver(chat)).toBeNull();
  });

  it('allows a fenced holder to change nothing', async () => {
    const [fenced, holder] = await takenOver();
    const before = await stored(holder);
    clock.ms += 1;
    expect(await store.renew(fenced)).toBeNull();
    expect(await store.finish(fenced, { ...ENDING, status: 'error' }, 99)).toBe(false);
    await store.seal(fenced);
    await store.release(fenced);
    expect(await store.claimCancelled(fenced)).toBeNull();
    expect(await stored(holder)).toEqual(before);
    expect(await store.renew(holder)).toMatchObject({ run: { attempt: 2 } });
    expect(await store.finish(holder, ENDING, 5)).toBe(true);
  });

  it('keeps the first answer', async () => {
    const [fenced, holder] = await takenOver();
    const answer = { content: 'a', created_at: new Date(clock.now()), ending: ENDING };
    await Promise.all([1, 2, 3].map((ms) => store.saveAnswer(holder, { ...answer, ms })));
    await store.saveAnswer(fenced, { ...answer, content: 'b', ms: 9 });
    const answers = await messages.find({ reply_to: holder._id }).lean();
    expect(answers).toMatchObject([{ content: 'a', status: 'completed', chat_id: chat }]);
  });

  it('keeps as much of an answer as a document can hold', async () => {
    await ask();
    const run = await claim();
    const content = 'å'.repeat(9_000_000);
    await store.saveAnswer(run, { content, created_at: new Date(clock.now()), ms: 1, ending: ENDING });
    const answer = await messages.findOne({ reply_to: run._id }).lean();
    expect(answer?.content.startsWith(content.slice(0, 5_000_000))).toBe(true);
    expect(answer?.content).toMatch(/å\n\[… the rest was left out: too long\]$/);
  });

  it('changes nothing in a sealed or revoked run', async () => {
    await ask();
    const sealed = await claim();
    await store.finish(sealed, ENDING, 1);
    await store.seal(sealed);
    await ask();
    const revoked = await claim();
    await store.revoke(DEFAULT_TENANT, [chat]);
    for (const run of [sealed, revoked]) {
      const before = await stored(run);
      expect(await store.renew(run)).toBeNull();
      expect(await store.finish(run, ENDING, 7)).toBe(false);
      expect(await store.requestCancel(scopeOf(), run._id.toHexString())).toBeNull();
      expect(await stored(run)).toEqual(before);
    }
  });

  it('starts a pending run or cancels it, never both', async () => {
    for (let i = 0; i < 10; i++) {
      chat = new Types.ObjectId().toHexString();
      const id = await ask();
      const asked = await store.requestCancel(scopeOf(), id);
      const [begun, cancelled] = await Promise.all([store.claim(chat), store.claimCancelled(asked!)]);
      const holders = [begun, cancelled].filter((run) => run !== null);
      const attempts = holders.map((run) => run.run.attempt);
      expect(new Set(attempts).size).toBe(attempts.length); // each has its own token
      const newest = holders.find((run) => run.run.attempt === holders.length);
      const finished = await Promise.all(holders.map((run) => store.finish(run, ENDING, 1)));
      expect(finished.filter(Boolean)).toHaveLength(1);
      expect(newest).toBeDefined();
    }
  });

  it('learns of a cancellation by renewing, only of its own tenant', async () => {
    await ask();
    const run = await claim();
    const id = run._id.toHexString();
    expect(await store.requestCancel(scopeOf(ANY_USER, 'other'), id)).toBeNull();
    expect((await store.renew(run))?.run.cancel_requested).toBe(false);
    await store.requestCancel(scopeOf(), id);
    expect((await store.renew(run))?.run.cancel_requested).toBe(true);
  });
});
