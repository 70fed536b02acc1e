import type { StreamEvent } from '@reprise/protocol';
import type { LogKey } from '../../src/streams/log/event-log.js';
import { eachEvent, type Dialect } from '../../src/streams/dialects/dialect.js';
import { stateAt } from '../../src/streams/dialects/state-at.js';
import { PAGE_EVENTS } from '../../src/streams/live/page-cache.js';
import type { LogReader } from '../../src/streams/live/log-reader.js';
import type { StreamsService } from '../../src/streams/streams.service.js';
import { DEFAULT_TENANT, END, newMessageId, openMongoLog, streamsAround, text } from './setup.js';

describe('follow', () => {
  let mongo: Awaited<ReturnType<typeof openMongoLog>>;
  let streams: StreamsService;
  let logReader: LogReader;
  beforeAll(async () => {
    mongo = await openMongoLog();
    ({ streams, logReader } = streamsAround(mongo.log));
  });
  afterAll(() => mongo.close());

  const never = new AbortController().signal;
  const newKey = (): LogKey => ({ tenant: DEFAULT_TENANT, message_id: newMessageId() });

  const collect = async (reader: LogReader, key: LogKey, seq = 0): Promise<StreamEvent[]> => {
    const events: StreamEvent[] = [];
    for await (const span of reader.follow(key, seq, never))
      events.push(...span.frames.map((frame) => frame.event));
    return events;
  };

  /** A log of `count` status events and `end`. */
  const write = async (key: LogKey, count: number): Promise<StreamEvent[]> => {
    const log = await streams.open(key, 'chat');
    await Promise.all(
      Array.from({ length: count }, (_, i) => log.writer.emit({ type: 'status', text: String(i) })),
    );
    await log.writer.emit(END);
    log.close();
    return mongo.log.read(key, { from: 0, limit: count + 1 });
  };

  it.each([0, 1, PAGE_EVENTS - 2, PAGE_EVENTS - 1, PAGE_EVENTS, 3 * PAGE_EVENTS + 7])(
    'reads an ended log of %i events and stops, from memory and from the database',
    async (count) => {
      const key = newKey();
      const stored = await write(key, count);
      expect(stored).toHaveLength(count + 1);
      expect(await collect(logReader, key)).toEqual(stored);
      expect(await collect(streamsAround(mongo.log).logReader, key)).toEqual(stored);
    },
  );

  it('gives every reader the whole log in order, whenever it joins', async () => {
    const key = newKey();
    const total = 4 * PAGE_EVENTS;
    const readers: Promise<StreamEvent[]>[] = [collect(logReader, key)];
    const log = await streams.open(key, 'chat');
    for (let i = 0; i < total; i++) {
      const emitted = log.writer.emit({ type: 'status', text: String(i) });
      if (i % 97 === 0) await emitted;
      if (i % 150 === 0) readers.push(collect(logReader, key), collect(logReader, key, Math.floor(i / 2)));
    }
    await log.writer.emit(END);
    log.close();
    const stored = await mongo.log.read(key, { from: 0, limit: 2 * total });
    for (const seen of await Promise.all(readers))
      expect(seen).toEqual(stored.slice(stored.length - seen.length));
    expect((await Promise.all(readers))[0]).toHaveLength(total + 1);
  });

  it('allows a slow reader to catch up from the log although the tail has moved far ahead', async () => {
    const key = newKey();
    const slow = logReader.follow(key, 0, never);
    const log = await streams.open(key, 'chat');
    await log.writer.emit(text('0'));
    const first = await slow.next();
    for (let i = 0; i < 6 * PAGE_EVENTS; i++) void log.writer.emit({ type: 'status', text: String(i) });
    await log.writer.emit(END);
    log.close();
    let next = first.value?.to ?? -1;
    for await (const span of slow) {
      expect(span.from).toBe(next);
      next = span.to;
    }
    expect(next).toBe(6 * PAGE_EVENTS + 2);
  });

  it('shares encoded bytes between readers at the same position', async () => {
    const key = newKey();
    const log = await streams.open(key, 'chat');
    const [a, b] = [logReader.follow(key, 0, never), logReader.follow(key, 0, never)];
    const both = Promise.all([a.next(), b.next()]);
    await log.writer.emit(text('x'));
    const [first, second] = await both;
    expect(first.value).toBe(second.value);
    await log.writer.emit(END);
    log.close();
  });

  it('encodes a log once for a thousand readers, even in a stateful dialect', async () => {
    let encoded = 0;
    const counting: Dialect<number> = {
      ...eachEvent('counting', () => ''),
      stateful: true,
      initial: 0,
      preamble: () => '',
      epilogue: () => '',
      encode: (state, event) => {
        encoded++;
        return { frames: `id: ${event.id}\ndata: ${state}\n\n`, state: state + 1 };
      },
    };
    const readers = async (key: LogKey, from: number): Promise<Set<string>> => {
      const texts = Array.from({ length: 500 }, async () => {
        let state = await stateAt(counting, from, logReader.follow(key, 0, never));
        let text = '';
        for await (const span of logReader.follow(key, from, never)) {
          const part = span.in(counting, state);
          text += part.chunk.bytes.toString();
          ({ state } = part);
        }
        return text;
      });
      return new Set(await Promise.all(texts));
    };
    const key = newKey();
    const early = readers(key, 0);
    const stored = await write(key, 2 * PAGE_EVENTS);
    const late = await readers(key, PAGE_EVENTS + 9);
    const frames = stored.map(({ id }, place) => `id: ${id}\ndata: ${place}\n\n`);
    expect([...(await early)]).toEqual([frames.join('')]);
    expect([...late]).toEqual([frames.slice(PAGE_EVENTS + 9).join('')]);
    expect(encoded).toBe(stored.length);
  });

  it('ends when the reader leaves, and when the log is deleted', async () => {
    const key = newKey();
    const leave = new AbortController();
    const leaving = logReader.follow(key, 0, leave.signal).next();
    const bereft = logReader.follow(key, 0, never).next();
    leave.abort();
    expect(await leaving).toEqual({ done: true, value: undefined });
    await streams.remove(DEFAULT_TENANT, [key.message_id]);
    expect(await bereft).toEqual({ done: true, value: undefined });
  });
});
