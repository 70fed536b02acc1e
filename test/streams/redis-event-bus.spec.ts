import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { setTimeout as delay } from 'node:timers/promises';
import { loadSettings } from '../../src/platform/config/index.js';
import { RedisPubSub } from '../../src/platform/redis/index.js';
import { RedisEventBus } from '../../src/streams/live/redis-event-bus.js';
import { RedisProcess } from '../support/redis-process.js';
import { until } from '../support/until.js';
import { aMoment, eventBusContract, Listener, sharedEventBusContract } from './event-bus.contract.js';
import { newMessageId } from './setup.js';

const RECHECK_MS = 1000;

describe('RedisEventBus', () => {
  let redis: RedisProcess;
  const open: (() => void)[] = [];
  const connected: RedisPubSub[] = [];
  beforeAll(async () => {
    Logger.overrideLogger(false);
    redis = await RedisProcess.start();
  });
  afterEach(() => {
    for (const close of open.splice(0)) close();
    connected.length = 0;
  });
  afterAll(() => redis.kill9());

  const openBus = (recheckMs = 3_600_000): RedisEventBus => {
    const settings = loadSettings({ REDIS_URL: `redis://127.0.0.1:${redis.port}`, REDIS_PREFIX: 'bus-test' });
    const pubSub = new RedisPubSub(settings);
    const bus = new RedisEventBus(pubSub, recheckMs);
    connected.push(pubSub);
    open.push(() => {
      bus.onApplicationShutdown();
      pubSub.onApplicationShutdown();
    });
    return bus;
  };
  const allConnected = (): Promise<boolean> =>
    until('all are connected', () => connected.every((one) => one.connected));

  eventBusContract(openBus);
  sharedEventBusContract(openBus);

  it('marks a log stale as soon as its subscription is active', async () => {
    const here = new Listener(openBus());
    await allConnected();
    await aMoment();
    here.staleMarks.length = 0;
    const id = newMessageId();
    await here.watch(id);
    expect(here.staleMarks).toEqual([id]);
  });

  it('marks everything stale after a lost connection, not before it receives again', async () => {
    const [here, there] = [new Listener(openBus()), new Listener(openBus())];
    const id = newMessageId();
    await here.watch(id);
    await allConnected();
    await redis.kill9();
    await until('the loss is known', () => !connected.some((one) => one.connected));
    there.say(id, 'lost');
    here.staleMarks.length = 0;
    await redis.restart();
    await until('logs are marked stale', () => here.staleMarks.includes('*'));
    // Everything published from now on must arrive: nothing is marked stale any more.
    const witness = new Redis(redis.port, '127.0.0.1');
    expect(await witness.pubsub('NUMSUB', `bus-test:log:${id}`)).toEqual([`bus-test:log:${id}`, 1]);
    witness.disconnect();
    await allConnected();
    there.say(id, 'heard');
    await until('events arrive again', () => here.texts.length > 0);
    expect(here.texts).toEqual(['heard']);
  });

  it('accepts subscriptions while Redis is down, and keeps its promises', async () => {
    const [here, there] = [new Listener(openBus()), new Listener(openBus())];
    const [dropped, begun] = [newMessageId(), newMessageId()];
    await here.watch(dropped);
    await allConnected();
    await redis.kill9();
    await until('the loss is known', () => !connected.some((one) => one.connected));
    here.bus.watch(begun);
    here.bus.unwatch(dropped);
    await aMoment();
    expect(here.staleMarks).not.toContain(begun);
    await redis.restart();
    await until('the new subscription stands', () => here.staleMarks.includes(begun));
    await allConnected();
    there.say(dropped, 'unheard');
    there.say(begun, 'heard');
    await until('it is heard', () => here.texts.length > 0);
    expect(here.texts).toEqual(['heard']);
  });

  it('never throws and never waits while Redis is down, and still notifies its own process', async () => {
    const here = new Listener(openBus());
    await allConnected();
    await redis.kill9();
    const before = performance.now();
    for (let i = 0; i < 200; i++) here.say(newMessageId(), String(i));
    await until('the loss is known', () => !connected[0]?.connected);
    for (let i = 0; i < 200; i++) here.say(newMessageId(), String(i));
    expect(performance.now() - before).toBeLessThan(2000);
    expect(here.texts).toHaveLength(400);
    await redis.restart();
  });

  it('marks logs stale every now and then, ten times as often while Redis is down', async () => {
    const here = new Listener(openBus(RECHECK_MS));
    await allConnected();
    await aMoment();
    here.staleMarks.length = 0;
    await delay(1.2 * RECHECK_MS);
    expect(here.staleMarks.length).toBeGreaterThanOrEqual(1);
    expect(here.staleMarks.length).toBeLessThanOrEqual(2);
    await redis.kill9();
    await until('the loss is known', () => !connected[0]?.connected);
    here.staleMarks.length = 0;
    await delay(0.7 * RECHECK_MS);
    expect(here.staleMarks.length).toBeGreaterThanOrEqual(4);
    await redis.restart();
  });

  it('survives what is not an announcement', async () => {
    const here = new Listener(openBus());
    const id = newMessageId();
    await here.watch(id);
    const stranger = new Redis(redis.port, '127.0.0.1');
    here.staleMarks.length = 0;
    const strange = ['not json', 'null', '{}', '{"tenant":"t","events":[{"id":"x"}]}'];
    for (const text of strange) await stranger.publish(`bus-test:log:${id}`, text);
    stranger.disconnect();
    await until(
      'it has marked each',
      () => here.staleMarks.filter((one) => one === id).length === strange.length,
    );
    expect(here.texts).toEqual([]);
  });

  it('leaves nothing behind', async () => {
    const handles = (): number =>
      process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name)).length;
    await aMoment();
    const before = handles();
    const here = new Listener(openBus(RECHECK_MS));
    await here.watch(newMessageId());
    for (const close of open.splice(0)) close();
    await until('all handles are closed', () => handles() <= before);
    const told = here.staleMarks.length;
    await delay(0.3 * RECHECK_MS);
    expect(here.staleMarks).toHaveLength(told);
  });
});
