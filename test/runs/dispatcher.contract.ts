import { setTimeout as delay } from 'node:timers/promises';
import type { RunDispatcher } from '../../src/runs/dispatch/run-dispatcher.js';
import type { RunWorker } from '../../src/runs/execution/run-worker.js';
import { until } from '../support/until.js';

/** Works on runs that are numbers, as the real one does on those in the database: one at a time in a chat. */
export class FakeWorker implements Pick<RunWorker, 'workOn'> {
  /** Chats by run, in the order of their start. */
  readonly begun: string[] = [];
  readonly ended: string[] = [];
  most = 0;
  /** Runs continue until this is resolved. */
  gate: Promise<unknown> = Promise.resolve();
  private readonly waiting = new Map<string, number>();
  private readonly active = new Set<string>();

  /** Stores runs of a chat. */
  store(chatId: string, runs = 1): void {
    this.waiting.set(chatId, (this.waiting.get(chatId) ?? 0) + runs);
  }

  async workOn(chatId: string): Promise<boolean> {
    if (chatId.startsWith('bad')) throw new Error('the database is on fire');
    const left = this.waiting.get(chatId) ?? 0;
    if (left === 0 || this.active.has(chatId)) return false;
    this.waiting.set(chatId, left - 1);
    this.active.add(chatId);
    this.begun.push(chatId);
    this.most = Math.max(this.most, this.active.size);
    await this.gate;
    await delay(5);
    this.active.delete(chatId);
    this.ended.push(chatId);
    return true;
  }
}

/** A dispatcher with its consumer around a worker. */
export interface Dispatching {
  dispatcher: RunDispatcher;
  /** Starts nothing more. Active work may continue. */
  pause: () => Promise<void> | void;
  stop: () => Promise<void>;
}

export const aMoment = (): Promise<void> => delay(200);

/** A gate, and what opens it. */
export function newGate(): { gate: Promise<void>; open: () => void } {
  let open!: () => void;
  const gate = new Promise<void>((resolve) => (open = resolve));
  return { gate, open };
}

/** What every adapter of `RunDispatcher` must do, its consumer included. */
export function dispatcherContract(
  start: (worker: FakeWorker, concurrency: number) => Promise<Dispatching> | Dispatching,
): void {
  const started: Dispatching[] = [];
  afterEach(async () => {
    for (const one of started.splice(0)) await one.stop();
  });
  const begin = async (concurrency = 4): Promise<Dispatching & { worker: FakeWorker }> => {
    const worker = new FakeWorker();
    const one = await start(worker, concurrency);
    started.push(one);
    return { ...one, worker };
  };
  const done = (worker: FakeWorker, count: number) =>
    until(`${count} runs are done`, () => worker.ended.length >= count);

  it('has a dispatched chat worked on', async () => {
    const { dispatcher, worker } = await begin();
    worker.store('a');
    await dispatcher.dispatch('a');
    await done(worker, 1);
    expect(worker.ended).toEqual(['a']);
  });

  it('accepts the same chat twice, and chats without work', async () => {
    const { dispatcher, worker } = await begin();
    worker.store('a', 2);
    for (const chat of ['a', 'a', 'none', 'a', 'a']) await dispatcher.dispatch(chat);
    await done(worker, 2);
    await aMoment();
    expect(worker.ended).toEqual(['a', 'a']);
  });

  it('looks again after work, until nothing is left', async () => {
    const { dispatcher, worker } = await begin();
    worker.store('a', 5);
    await dispatcher.dispatch('a');
    await done(worker, 5);
    expect(worker.ended).toHaveLength(5);
  });

  it('does not miss what is dispatched while the chat is being worked on', async () => {
    const { dispatcher, worker } = await begin();
    const { gate, open } = newGate();
    worker.gate = gate;
    worker.store('a');
    await dispatcher.dispatch('a');
    await until('it has begun', () => worker.begun.length === 1);
    worker.store('a');
    await dispatcher.dispatch('a');
    open();
    await done(worker, 2);
  });

  it('works on as many chats at a time as allowed, and no more', async () => {
    const { dispatcher, worker } = await begin(3);
    const { gate, open } = newGate();
    worker.gate = gate;
    const chats = Array.from({ length: 10 }, (_, i) => `chat-${i}`);
    for (const chat of chats) {
      worker.store(chat);
      await dispatcher.dispatch(chat);
    }
    await until('three have begun', () => worker.begun.length === 3);
    await aMoment();
    expect(worker.begun).toEqual(chats.slice(0, 3));
    open();
    await done(worker, 10);
    expect([worker.most, worker.begun]).toEqual([3, chats]);
  });

  it('continues after a failure', async () => {
    const { dispatcher, worker } = await begin(1);
    worker.store('good', 2);
    for (const chat of ['bad-1', 'bad-2', 'good']) await dispatcher.dispatch(chat);
    await done(worker, 2);
  });

  it('starts nothing more once it is paused, and active work ends', async () => {
    const { dispatcher, worker, pause } = await begin(1);
    const { gate, open } = newGate();
    worker.gate = gate;
    worker.store('a', 2);
    worker.store('b');
    await dispatcher.dispatch('a');
    await dispatcher.dispatch('b');
    await until('it has begun', () => worker.begun.length === 1);
    await pause();
    open();
    await done(worker, 1);
    worker.store('c');
    await dispatcher.dispatch('c');
    await aMoment();
    expect([worker.begun, worker.ended]).toEqual([['a'], ['a']]);
  });
}
