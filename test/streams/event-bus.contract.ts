import { setTimeout as delay } from 'node:timers/promises';
import type { BusReceiver, EventBus } from '../../src/streams/log/event-bus.js';
import type { LogEntry } from '../../src/streams/log/event-log.js';
import { until } from '../support/until.js';
import { entry, newMessageId, text } from './setup.js';

/** Records what the bus reports. */
export class Listener implements BusReceiver {
  readonly texts: string[] = [];
  /** Logs that were marked stale; `*` for all. */
  readonly staleMarks: string[] = [];

  /** Logs that were reported as deleted. */
  readonly forgotten: string[] = [];

  constructor(readonly bus: EventBus) {
    bus.attach(this);
  }

  receive(entries: readonly LogEntry[]): void {
    for (const { event } of entries) this.texts.push(event.type === 'content' ? event.md : event.type);
  }

  markStale(messageId = '*'): void {
    this.staleMarks.push(messageId);
  }

  forget(messageIds: readonly string[]): void {
    this.forgotten.push(...messageIds);
  }

  /** Watches a log; resolves when what others report about it arrives. */
  async watch(messageId: string): Promise<void> {
    this.bus.watch(messageId);
    await until('the subscription stands', () => this.staleMarks.includes(messageId));
  }

  say(messageId: string, ...texts: string[]): void {
    this.bus.publish(texts.map((md, seq) => entry(messageId, seq, text(md))));
  }
}

/** Long enough for what should not arrive. */
export const aMoment = (): Promise<void> => delay(150);

/** What every bus must do for its own process. `open` returns the bus of one more process. */
export function eventBusContract(open: () => EventBus): void {
  it('delivers its own events in order, and at once, watched or not', () => {
    const own = new Listener(open());
    const [a, b] = [newMessageId(), newMessageId()];
    own.say(a, '1', '2');
    own.say(b, '3');
    own.say(a, '4');
    expect(own.texts).toEqual(['1', '2', '3', '4']);
  });

  it('reports deleted logs at once, watched or not', () => {
    const own = new Listener(open());
    const ids = [newMessageId(), newMessageId()];
    own.bus.publishRemoval(ids);
    expect(own.forgotten).toEqual(ids);
  });

  it('accepts events before anybody listens, and none', () => {
    const bus = open();
    expect(() => {
      bus.publish([entry(newMessageId(), 0, text('unheard'))]);
      bus.publish([]);
    }).not.toThrow();
  });

  it('accepts watch and unwatch in any order, repeated or not', async () => {
    const own = new Listener(open());
    const id = newMessageId();
    own.bus.unwatch(id);
    own.bus.watch(id);
    own.bus.watch(id);
    own.bus.unwatch(id);
    own.bus.unwatch(id);
    own.bus.watch(id);
    own.say(id, '1');
    await aMoment();
    expect(own.texts).toEqual(['1']);
  });
}

/** What a bus between processes must do in addition. */
export function sharedEventBusContract(open: () => EventBus): void {
  const two = (): [Listener, Listener] => [new Listener(open()), new Listener(open())];

  it('delivers the events of another process in order, only for watched logs', async () => {
    const [here, there] = two();
    const [watched, ignored] = [newMessageId(), newMessageId()];
    await here.watch(watched);
    const expected = Array.from({ length: 300 }, (_, i) => String(i));
    for (const one of expected) {
      there.say(watched, one);
      there.say(ignored, `not ${one}`);
    }
    await until('everything has arrived', () => here.texts.length >= expected.length);
    await aMoment();
    expect(here.texts).toEqual(expected);
  });

  it('delivers every event once, including those published here', async () => {
    const [here, there] = two();
    const id = newMessageId();
    await Promise.all([here.watch(id), there.watch(id)]);
    here.say(id, 'mine');
    await until('it has arrived there', () => there.texts.length > 0);
    await aMoment();
    expect([new Set(here.texts), there.texts]).toEqual([new Set(['mine']), ['mine']]);
  });

  it('reports that another process deleted a watched log', async () => {
    const [here, there] = two();
    const [watched, ignored] = [newMessageId(), newMessageId()];
    await here.watch(watched);
    there.bus.publishRemoval([ignored, watched]);
    await until('it has arrived', () => here.forgotten.length > 0);
    expect([here.forgotten, here.texts]).toEqual([[watched], []]);
  });

  it('gives events field by field', async () => {
    const [here, there] = two();
    const id = newMessageId();
    await here.watch(id);
    const received: LogEntry[] = [];
    here.bus.attach({
      receive: (entries) => received.push(...entries),
      markStale: () => undefined,
      forget: () => undefined,
    });
    const sent = [entry(id, 41, text('æ😀\u2028\n')), entry(id, 42, { type: 'status', text: '' })];
    there.bus.publish(sent);
    await until('both have arrived', () => received.length === 2);
    expect(received).toEqual(sent);
  });

  it('is silent after unwatch, and active again after watch', async () => {
    const [here, there] = two();
    const id = newMessageId();
    await here.watch(id);
    here.bus.unwatch(id);
    there.say(id, 'unheard');
    await aMoment();
    expect(here.texts).toEqual([]);
    here.staleMarks.length = 0;
    await here.watch(id);
    there.say(id, 'heard');
    await until('it is heard', () => here.texts.length > 0);
    expect(here.texts).toEqual(['heard']);
  });
}
