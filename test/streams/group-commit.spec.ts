import { CommitPace } from '../../src/streams/log/commit-pace.js';
import { EventLog, type LogEntry, type LogKey, type Place } from '../../src/streams/log/event-log.js';
import { FencedError } from '../../src/streams/log/group-commit.js';
import type { MongoEventLog } from '../../src/streams/log/mongo-event-log.js';
import { DEFAULT_TENANT, END, entry, newMessageId, openMongoLog, streamsAround, text } from './setup.js';

/** Passes calls on to the real log, but only when told to: shows what waits for a commit. */
class GatedLog extends EventLog {
  readonly batches: LogEntry[][] = [];
  private readonly gates: (() => void)[] = [];
  private arrived: () => void = () => undefined;

  constructor(private readonly inner: EventLog) {
    super();
  }

  override async append(entries: readonly LogEntry[]): Promise<readonly LogEntry[]> {
    this.batches.push([...entries]);
    const opened = new Promise<void>((resolve) => this.gates.push(resolve));
    this.arrived();
    await opened;
    return this.inner.append(entries);
  }

  async nextBatch(): Promise<void> {
    if (this.gates.length > 0) return;
    await new Promise<void>((resolve) => {
      this.arrived = resolve;
    });
  }

  open(): void {
    this.gates.shift()?.();
  }

  override read(key: LogKey, range: { from: number; limit: number }) {
    return this.inner.read(key, range);
  }

  override occupied(places: readonly Place[]) {
    return this.inner.occupied(places);
  }

  override remove(tenant: LogKey['tenant'], ids: readonly string[]) {
    return this.inner.remove(tenant, ids);
  }
}

/** Time stands still, and a wait lasts until it is ended. */
class HeldPace extends CommitPace {
  waits = 0;
  private end: () => void = () => undefined;
  private begun: () => void = () => undefined;
  readonly hasBegun = new Promise<void>((resolve) => {
    this.begun = resolve;
  });

  protected override now(): number {
    return 0;
  }

  protected override wait(): Promise<void> {
    if (this.waits++ > 0) return Promise.resolve();
    this.begun();
    return new Promise((resolve) => {
      this.end = resolve;
    });
  }

  endWait(): void {
    this.end();
  }
}

describe('GroupCommit', () => {
  let mongo: { log: MongoEventLog; close(): Promise<void> };
  beforeAll(async () => {
    mongo = await openMongoLog();
  });
  afterAll(() => mongo.close());

  const setup = async () => {
    const log = new GatedLog(mongo.log);
    const { streams, tail } = streamsAround(log);
    const key = { tenant: DEFAULT_TENANT, message_id: newMessageId() };
    const { writer } = await streams.open(key, 'c');
    return { log, key, writer, streams, tail };
  };

  it('shows an event only after its write was acknowledged', async () => {
    const { log, key, writer, tail } = await setup();
    const live = tail.holdAsFollower(key.message_id).log;
    const done = writer.emit(text('a'));
    await log.nextBatch();
    expect(live.head).toBe(0);
    log.open();
    await done;
    expect(live.head).toBe(1);
  });

  it('has settled once its last event is durable, also one that waits for company', async () => {
    const { log, key, writer } = await setup();
    const done = writer.emit({ type: 'status', text: 'first' }, true);
    const settled = writer.settled().then(() => mongo.log.read(key, { from: 0, limit: 1 }));
    await log.nextBatch();
    log.open();
    expect(await settled).toMatchObject([{ text: 'first' }]);
    await done;
    await writer.settled();
  });

  it('collects what arrives during a write, and merges consecutive text in it', async () => {
    const { log, writer, key } = await setup();
    const first = writer.emit(text('0'));
    await log.nextBatch();
    const rest = [
      writer.emit(text('1')),
      writer.emit(text('2')),
      writer.emit({ type: 'status', text: 'between' }),
      writer.emit(text('3')),
      writer.emit(text('4')),
    ];
    log.open();
    await first;
    await log.nextBatch();
    log.open();
    await Promise.all(rest);
    expect(log.batches.map((batch) => batch.length)).toEqual([1, 3]);
    const events = await mongo.log.read(key, { from: 0, limit: 10 });
    expect(events).toMatchObject([{ md: '0' }, { md: '12' }, { text: 'between' }, { md: '34' }]);
  });

  const open = async (count: number) => {
    const log = new GatedLog(mongo.log);
    const pace = new HeldPace();
    const { streams } = streamsAround(log, pace);
    const opened = Array.from({ length: count }, () =>
      streams.open({ tenant: DEFAULT_TENANT, message_id: newMessageId() }, 'c'),
    );
    const writers = (await Promise.all(opened)).map(({ writer }) => writer);
    const emitAll = (md: string) => writers.map((writer) => writer.emit(text(md)));
    return { log, pace, writers, emitAll };
  };

  it('gathers the events of many logs for a while, and still merges the text of each', async () => {
    const { log, pace, writers, emitAll } = await open(8);
    const done = emitAll('0');
    await log.nextBatch();
    done.push(...emitAll('1'));
    log.open();
    await pace.hasBegun;
    expect(log.batches).toHaveLength(1);
    done.push(...emitAll('2'), ...writers.map((writer) => writer.emit(END)));
    pace.endWait();
    await log.nextBatch();
    log.open();
    await Promise.all(done);
    expect(log.batches.map((batch) => batch.length)).toEqual([8, 16]);
    const texts = log.batches[1]?.map(({ event }) => ('md' in event ? event.md : event.type));
    expect(texts).toEqual([...Array<string>(8).fill('12'), ...Array<string>(8).fill('end')]);
  });

  it('never lets few logs wait, however much they write', async () => {
    const { log, pace, writers } = await open(7);
    const done: Promise<void>[] = [];
    for (let n = 0; n < 3; n++) {
      for (let times = 0; times < 20; times++)
        done.push(...writers.map((writer) => writer.emit({ type: 'status', text: String(times) })));
      await log.nextBatch();
      log.open();
      await Promise.all(done);
    }
    expect([log.batches.length, pace.waits]).toEqual([3, 0]);
  });

  const START = { type: 'start', status: 'processing', agent: 'a', attempt: 1 } as const;

  it('commits an event that may wait together with the next one', async () => {
    const { log, pace, writers, emitAll } = await open(1);
    const waiting = writers.map((writer) => writer.emit(START, true));
    await pace.hasBegun;
    expect(log.batches).toHaveLength(0);
    const next = emitAll('0');
    await log.nextBatch();
    log.open();
    await Promise.all([...waiting, ...next]);
    pace.endWait();
    expect(log.batches.map((batch) => batch.length)).toEqual([2]);
  });

  it('commits an event that may wait together with one of another log', async () => {
    const { log, writers } = await open(2);
    const done = writers.map((writer, n) => (n === 0 ? writer.emit(START, true) : writer.emit(text('0'))));
    await log.nextBatch();
    log.open();
    await Promise.all(done);
    expect(log.batches.map((batch) => batch.length)).toEqual([2]);
  });

  it('commits an event that may wait alone when none follows', async () => {
    const { log, pace, writers } = await open(1);
    const done = writers.map((writer) => writer.emit(START, true));
    await pace.hasBegun;
    pace.endWait();
    await log.nextBatch();
    log.open();
    await Promise.all(done);
    expect(log.batches.map((batch) => batch.length)).toEqual([1]);
  });

  it('never allows a fenced writer to append again, not even what was waiting already', async () => {
    const { log, key, writer } = await setup();
    await mongo.log.append([entry(key.message_id, 0, text('the new holder'), 'bbbbbbbb')]);
    const refused = [writer.emit(text('late')), writer.emit({ type: 'status', text: 'late' })];
    await log.nextBatch();
    refused.push(writer.emit(END));
    log.open();
    for (const one of refused) await expect(one).rejects.toBeInstanceOf(FencedError);
    await expect(writer.emit(END)).rejects.toBeInstanceOf(FencedError);
    expect(await mongo.log.read(key, { from: 0, limit: 10 })).toHaveLength(1);
  });

  it('makes every text fit to be stored, whatever a model or a tool gave', async () => {
    const { log, key, writer } = await setup();
    const bad = 'half\ud800way\0';
    const done = [
      writer.emit({ type: 'plan', items: [{ id: '1', text: bad, status: 'pending' }] }),
      writer.emit({ type: 'status', text: bad, cause: { message: bad, status: 503 } }),
      writer.emit({ type: 'tool_start', call_id: 'c', name: bad, args_summary: bad }),
      writer.emit(END),
    ];
    await log.nextBatch();
    log.open();
    await Promise.all(done);
    const clean = 'half\ufffdway';
    expect(await mongo.log.read(key, { from: 0, limit: 10 })).toMatchObject([
      { items: [{ id: '1', text: clean, status: 'pending' }] },
      { text: clean, cause: { message: clean, status: 503 } },
      { call_id: 'c', name: clean, args_summary: clean },
      { type: 'end' },
    ]);
  });

  it('joins the two halves of a character that arrived in two chunks', async () => {
    const { log, key, writer } = await setup();
    const [high, low] = ['😀'.slice(0, 1), '😀'.slice(1)];
    const done = [writer.emit(text(`a${high}`))];
    await log.nextBatch();
    done.push(writer.emit(text(`${low}b`)), writer.emit(text(`lone ${high}`)), writer.emit(END));
    log.open();
    await done[0];
    await log.nextBatch();
    log.open();
    await Promise.all(done);
    const events = await mongo.log.read(key, { from: 0, limit: 10 });
    expect(events.slice(0, 3)).toMatchObject([{ md: 'a' }, { md: '😀blone ' }, { md: '\uFFFD' }]);
  });
});
