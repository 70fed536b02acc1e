import type { StreamEvent } from '@reprise/protocol';
import type { LogKey } from '../../src/streams/log/event-log.js';
import type { Span } from '../../src/streams/wire/span.js';
import { MemoryEventLog, MemoryStore, type LogCall, type Pace } from './memory-event-log.js';
import { DEFAULT_TENANT, entry, newMessageId, streamsAround, text } from './setup.js';

const newKey = (): LogKey => ({ tenant: DEFAULT_TENANT, message_id: newMessageId() });

/** A process that learns nothing of what others append, and what it asks its log. */
function deafProcess(store: MemoryStore) {
  const asked: LogCall<unknown>['name'][] = [];
  let hold: Promise<void> | undefined;
  const pace: Pace = async (call) => {
    asked.push(call.name);
    const answer = call.perform();
    await hold;
    return answer;
  };
  const { logReader, tail } = streamsAround(new MemoryEventLog(store, pace));
  const leaving = new AbortController();
  const follow = (key: LogKey) => logReader.follow(key, 0, leaving.signal);
  /** Responses are delayed from now on, until the function that this returns is called. */
  const delayAnswers = (): (() => void) => {
    let release: () => void = () => undefined;
    hold = new Promise((resolve) => (release = resolve));
    return release;
  };
  return {
    asked,
    follow,
    tail,
    delayAnswers,
    leave: () => {
      leaving.abort();
    },
  };
}

/** Lets everything proceed that waits only for its turn. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** What a reader gets next. */
const eventsOf = async (next: Promise<IteratorResult<Span, void>>): Promise<StreamEvent[]> => {
  const { value } = await next;
  return value ? value.frames.map(({ event }) => event) : [];
};

describe('the tail, when events may have been missed', () => {
  it('queries once for all logs, and reads only those that have continued', async () => {
    const store = new MemoryStore();
    const here = deafProcess(store);
    const keys = [newKey(), newKey(), newKey()];
    const followers = keys.map((key) => here.follow(key));
    const next = followers.map((follower) => follower.next());
    await quiet();
    store.append([entry(keys[1]!.message_id, 0, text('missed'))]);
    here.asked.length = 0;
    here.tail.markStale();
    expect(await eventsOf(next[1]!)).toMatchObject([{ md: 'missed' }]);
    await quiet();
    expect(here.asked).toEqual(['occupied', 'read']);
    here.leave();
  });

  it('trusts no read that started before', async () => {
    const store = new MemoryStore();
    const here = deafProcess(store);
    const key = newKey();
    const answerAll = here.delayAnswers();
    const next = here.follow(key).next(); // reads: nothing is there yet
    await quiet();
    store.append([entry(key.message_id, 0, text('missed'))]);
    here.tail.markStale();
    answerAll();
    expect(await eventsOf(next)).toMatchObject([{ md: 'missed' }]);
    here.leave();
  });

  it('queries again if a log is marked stale during a query', async () => {
    const store = new MemoryStore();
    const here = deafProcess(store);
    const key = newKey();
    const next = here.follow(key).next();
    await quiet();
    const answerAll = here.delayAnswers();
    here.tail.markStale(); // the place is free
    await quiet();
    store.append([entry(key.message_id, 0, text('missed'))]);
    here.tail.markStale();
    answerAll();
    expect(await eventsOf(next)).toMatchObject([{ md: 'missed' }]);
    here.leave();
  });
});
