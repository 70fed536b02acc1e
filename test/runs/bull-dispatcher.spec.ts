import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Global, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { setTimeout as delay } from 'node:timers/promises';
import { loadSettings, Settings } from '../../src/platform/config/index.js';
import { RedisModule, RedisPubSub } from '../../src/platform/redis/index.js';
import {
  BullDispatcher,
  RUNS_QUEUE,
  RunsProcessor,
  type ChatJob,
} from '../../src/runs/dispatch/bull-queue.js';
import { InlineDispatcher } from '../../src/runs/dispatch/inline-dispatcher.js';
import { RunDispatcher } from '../../src/runs/dispatch/run-dispatcher.js';
import { RunWorker } from '../../src/runs/execution/run-worker.js';

import { RedisProcess } from '../support/redis-process.js';
import { until, within } from '../support/until.js';
import { aMoment, dispatcherContract, FakeWorker, newGate, type Dispatching } from './dispatcher.contract.js';

const QUICK_MS = 3000;

describe('BullDispatcher and RunsProcessor', () => {
  let redis: RedisProcess;
  let prefix = '';
  let prefixes = 0;
  const opened: Dispatching[] = [];
  beforeAll(async () => {
    Logger.overrideLogger(false);
    redis = await RedisProcess.start();
  });
  beforeEach(() => {
    prefix = `dispatch-${prefixes++}`;
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.stop();
  });
  afterAll(() => redis.kill9());

  /** One process: the queue, and what takes from it. */
  const start = async (worker: FakeWorker, concurrency = 4) => {
    const settings = loadSettings({
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      REDIS_PREFIX: prefix,
      RUN_CONCURRENCY: String(concurrency),
    });
    @Global()
    @Module({ providers: [{ provide: Settings, useValue: settings }], exports: [Settings] })
    class SettingsModule {}
    @Module({
      imports: [SettingsModule, RedisModule.with(settings), BullModule.registerQueue({ name: RUNS_QUEUE })],
      providers: [
        RunsProcessor,
        { provide: RunWorker, useValue: worker },
        {
          provide: RunDispatcher,
          useFactory: (queue: Queue<ChatJob>, pubSub: RedisPubSub) =>
            new BullDispatcher(queue, pubSub, new InlineDispatcher(worker as unknown as RunWorker, settings)),
          inject: [getQueueToken(RUNS_QUEUE), RedisPubSub],
        },
      ],
    })
    class QueueModule {}
    const app = await NestFactory.createApplicationContext(QueueModule, { logger: false });
    const pubSub = app.get(RedisPubSub);
    const queue = app.get<Queue<ChatJob>>(getQueueToken(RUNS_QUEUE));
    await until('Redis is connected', () => pubSub.connected);
    await queue.waitUntilReady();
    return {
      dispatcher: app.get(RunDispatcher),
      pause: () => app.get(RunsProcessor).onModuleDestroy(),
      stop: () => within('the process ends', app.close()),
      pubSub,
      queue,
    };
  };
  const begin = async (worker = new FakeWorker()) => {
    const one = await start(worker);
    opened.push(one);
    return { ...one, worker };
  };
  const quickly = (what: string, work: Promise<void>): Promise<void> => within(what, work, QUICK_MS);

  dispatcherContract(start);

  it('shares the work between several processes', async () => {
    const worker = new FakeWorker();
    const [one] = [await begin(worker), await begin(worker)];
    const { gate, open } = newGate();
    worker.gate = gate;
    for (let i = 0; i < 8; i++) {
      worker.store(String(i));
      await one.dispatcher.dispatch(String(i));
    }
    await until('both are busy', () => worker.begun.length === 8);
    open();
    await until('all is done', () => worker.ended.length === 8);
  });

  it('starts nothing more if it is paused while it waits', async () => {
    const { dispatcher, worker, pause } = await begin();
    await aMoment();
    await pause();
    worker.store('a', 2);
    await dispatcher.dispatch('a');
    await aMoment();
    expect(worker.begun).toEqual([]);
    const other = await begin(worker);
    await until('another process has it', () => worker.ended.length === 2);
    await until('no job is left', async () => (await other.queue.getJobCountByTypes('wait', 'failed')) === 0);
  });

  it('leaves to other processes what it no longer starts', async () => {
    const worker = new FakeWorker();
    const [leaving, staying] = [await begin(worker), await begin(worker)];
    await leaving.pause();
    worker.store('a', 3);
    await leaving.dispatcher.dispatch('a');
    await until('all is done', () => worker.ended.length === 3);
    await until(
      'no job is left',
      async () => (await staying.queue.getJobCountByTypes('wait', 'failed')) === 0,
    );
  });

  it('answers at once while Redis is down, and resumes when it is back', async () => {
    const { dispatcher, pubSub, worker } = await begin();
    await redis.kill9();
    await quickly('dispatch in the moment of the loss', dispatcher.dispatch('a'));
    await until('the loss is known', () => !pubSub.connected);
    await quickly('dispatch while it is away', dispatcher.dispatch('a'));
    await redis.restart();
    await until('it is back', () => pubSub.connected);
    worker.store('b');
    await until('the queue is back, too', async () => {
      await dispatcher.dispatch('b');
      await aMoment();
      return worker.ended.includes('b');
    });
  });

  it('answers soon while Redis hangs', async () => {
    const { dispatcher, worker } = await begin();
    const client = new Redis(redis.port, '127.0.0.1');
    const pid = Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]);
    client.disconnect();
    process.kill(pid, 'SIGSTOP');
    try {
      worker.store('a');
      await quickly('dispatch', dispatcher.dispatch('a'));
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await until('it is done when Redis is awake', () => worker.ended.length === 1);
  });

  it('gives the job of a killed worker to another one', async () => {
    const connection = { host: '127.0.0.1', port: redis.port };
    const options = { connection, prefix: `${prefix}:queue` };
    const hanging = newGate();
    let taken = false;
    const hang = (): Promise<void> => {
      taken = true;
      return hanging.gate;
    };
    const timing = { lockDuration: 1500, stalledInterval: 100, skipLockRenewal: true };
    const killed = new Worker(RUNS_QUEUE, hang, { ...options, ...timing });
    const queue = new Queue<ChatJob>(RUNS_QUEUE, options);
    await queue.add('chat', { chat_id: 'a' });
    await until('it is taken', () => taken);
    await delay(300); // the killed one was seen working once
    await killed.close(true);
    await delay(1500);
    const worker = new FakeWorker();
    worker.store('a');
    await begin(worker);
    await until('another one has it', () => worker.ended.length === 1);
    await until('the job is gone', async () => (await queue.getJobCountByTypes('active', 'wait')) === 0);
    await queue.close();
    hanging.open();
  });
});
