import { BullModule, getQueueToken, OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import type {
  BeforeApplicationShutdown,
  DynamicModule,
  OnApplicationBootstrap,
  OnModuleDestroy,
} from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { bind, withTimeout } from '../../common/index.js';
import type { ReadyWorker } from '../../messages/index.js';
import { Settings } from '../../platform/config/index.js';
import { Log } from '../../platform/logging/index.js';
import { RedisPubSub } from '../../platform/redis/index.js';
import { RunWorker } from '../execution/run-worker.js';
import { InlineDispatcher } from './inline-dispatcher.js';
import { RunDispatcher } from './run-dispatcher.js';

// Everything that knows BullMQ.

/** Name of the queue. A job says: look at this chat. */
export const RUNS_QUEUE = 'runs';

/** The longest wait for Redis to accept a job. A Redis that hangs must not delay a client that posts a message. */
const PATIENCE_MS = 1000;

/** The payload of a job. */
export interface ChatJob {
  chat_id: string;
}

const JOB = {
  removeOnComplete: true,
  removeOnFail: 1000,
  attempts: 5,
  backoff: { type: 'exponential', delay: 500 },
} as const;

/**
 * The queue for several processes. The run is stored before it is dispatched, so nothing is lost while Redis is down:
 * workers look for pending runs in the database (docs/decisions/006).
 */
export class BullDispatcher extends RunDispatcher {
  private readonly logger = new Log(BullDispatcher.name);

  constructor(
    private readonly queue: Queue<ChatJob>,
    private readonly redis: RedisPubSub,
    private readonly inline: InlineDispatcher,
  ) {
    super();
    queue.on('error', (error) => {
      this.logger.debug(`run queue: ${error.message}`);
    });
  }

  override ready(): ReadyWorker | undefined {
    return this.inline.ready();
  }

  override async dispatch(chatId: string): Promise<void> {
    if (!this.redis.connected) return;
    const added = this.queue.add('chat', { chat_id: chatId }, JOB).catch((error: unknown) => {
      this.logger.warn('the run queue is unavailable; workers find the run in the database', { err: error });
    });
    await withTimeout(added, PATIENCE_MS);
  }
}

/**
 * Takes jobs from the queue. If a job stalls with its worker, another worker gets it; the lease decides which one runs
 * it.
 */
@Processor(RUNS_QUEUE, { autorun: false, maxStalledCount: 10 })
export class RunsProcessor
  extends WorkerHost
  implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown
{
  private readonly logger = new Log(RunsProcessor.name);
  private leaving = false;

  constructor(
    private readonly runs: RunWorker,
    private readonly dispatcher: RunDispatcher,
    private readonly redis: RedisPubSub,
    private readonly settings: Settings,
  ) {
    super();
  }

  onApplicationBootstrap(): void {
    this.worker.concurrency = this.settings.RUN_CONCURRENCY;
    this.worker.run().catch((error: unknown) => {
      this.logger.error('the worker of the run queue stopped', { err: error });
    });
  }

  /** Takes no more jobs; active ones end with their runs, which are handed over. */
  async onModuleDestroy(): Promise<void> {
    this.leaving = true;
    await this.worker.pause(true);
  }

  /** A queue closes gracefully, and waits as long as Redis is unavailable. */
  async beforeApplicationShutdown(): Promise<void> {
    if (!this.redis.connected) await this.worker.close(true);
  }

  override async process({ data }: Job<ChatJob>): Promise<void> {
    // A paused worker still takes the one job that it was waiting for.
    if (this.leaving || (await this.runs.workOn(data.chat_id))) await this.dispatcher.dispatch(data.chat_id);
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.logger.debug(`run queue: ${error.message}`);
  }
}

/** The dispatcher of this deployment: BullMQ's queue if there is a Redis, else the in-process queue. */
export const runDispatcher = bind(RunDispatcher, {
  useFactory: (inline: InlineDispatcher, redis?: RedisPubSub, queue?: Queue<ChatJob>) =>
    redis && queue ? new BullDispatcher(queue, redis, inline) : inline,
  inject: [
    InlineDispatcher,
    { token: RedisPubSub, optional: true },
    { token: getQueueToken(RUNS_QUEUE), optional: true },
  ],
});

/** The queue itself, as a module. */
export const registerRunQueue = (): DynamicModule => BullModule.registerQueue({ name: RUNS_QUEUE });
