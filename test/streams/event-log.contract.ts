import type { EventLog, LogEntry } from '../../src/streams/log/event-log.js';
import { DEFAULT_TENANT, END, entry, newMessageId, text } from './setup.js';

const tenant = DEFAULT_TENANT;
const read = (log: EventLog, message_id: string) =>
  log.read({ tenant, message_id }, { from: 0, limit: 1000 });
const ids = (entries: readonly LogEntry[]): string[] => entries.map(({ event }) => event.id);

/** What every adapter of `EventLog` must do. */
export function eventLogContract(open: () => Promise<{ log: EventLog; close(): Promise<void> }>): void {
  let log: EventLog;
  let opened: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    opened = await open();
    log = opened.log;
  });
  afterAll(() => opened.close());

  it('returns what was appended, field by field, in order', async () => {
    const id = newMessageId();
    const entries = [
      entry(id, 0, text('æøå 漢字 😀\n\u2028')),
      entry(id, 1, { type: 'plan', items: [] }),
      entry(id, 2, END),
    ];
    expect(await log.append(entries)).toEqual([]);
    const events = await read(log, id);
    expect(events).toEqual(entries.map((one) => one.event));
    expect(events.map((event) => JSON.stringify(event))).toEqual(
      entries.map((one) => JSON.stringify(one.event)),
    );
  });

  it('keeps logs apart and reads a range', async () => {
    const [a, b] = [newMessageId(), newMessageId()];
    const mixed = [0, 1, 2, 3, 4].flatMap((seq) => [
      entry(a, seq, text(`a${seq}`)),
      entry(b, seq, text(`b${seq}`)),
    ]);
    await log.append(mixed);
    const part = await log.read({ tenant, message_id: a }, { from: 1, limit: 2 });
    expect(part).toMatchObject([{ md: 'a1' }, { md: 'a2' }]);
  });

  it('counts the same append twice as one', async () => {
    const id = newMessageId();
    const entries = [0, 1, 2].map((seq) => entry(id, seq, text(String(seq))));
    await log.append(entries.slice(0, 2));
    expect(await log.append(entries)).toEqual([]);
    expect(await read(log, id)).toHaveLength(3);
  });

  it('rejects a place that is taken, and everything of that log after it, and nothing else', async () => {
    const [fenced, other] = [newMessageId(), newMessageId()];
    await log.append([entry(fenced, 0, text('first'), 'bbbbbbbb')]);
    const late = [0, 1, 2].map((seq) => entry(fenced, seq, text('late')));
    const fine = [0, 1].map((seq) => entry(other, seq, text('fine')));
    const [l0, l1, l2] = late as [LogEntry, LogEntry, LogEntry];
    const [f0, f1] = fine as [LogEntry, LogEntry];
    expect(ids(await log.append([f0, l0, l1, f1, l2]))).toEqual(ids(late));
    expect(await read(log, fenced)).toMatchObject([{ md: 'first' }]);
    expect(await read(log, other)).toMatchObject([{ md: 'fine' }, { md: 'fine' }]);
  });

  it('says which of many places are occupied, across logs', async () => {
    const [one, other, empty] = [newMessageId(), newMessageId(), newMessageId()];
    await log.append([entry(one, 0, text('a')), entry(one, 1, text('b')), entry(other, 0, text('c'))]);
    const asked = [one, other, empty].flatMap((message_id) => [0, 1, 2].map((seq) => ({ message_id, seq })));
    const taken = await log.occupied(asked);
    const named = taken.map(({ message_id, seq }) => `${message_id}/${seq}`).sort();
    expect(named).toEqual([`${one}/0`, `${one}/1`, `${other}/0`].sort());
    expect(await log.occupied([])).toEqual([]);
  });

  it('shows nothing to another tenant', async () => {
    const id = newMessageId();
    await log.append([entry(id, 0, text('mine'))]);
    const key = { tenant: 'other' as typeof tenant, message_id: id };
    expect(await log.read(key, { from: 0, limit: 10 })).toEqual([]);
    await log.remove(key.tenant, [id]);
    expect(await read(log, id)).toHaveLength(1);
  });

  it('removes whole logs', async () => {
    const [gone, kept] = [newMessageId(), newMessageId()];
    await log.append([entry(gone, 0, text('x')), entry(kept, 0, text('y'))]);
    await log.remove(tenant, [gone]);
    expect(await read(log, gone)).toEqual([]);
    expect(await read(log, kept)).toHaveLength(1);
  });
}
