import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import {
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { Job } from 'bullmq';
import { Settings } from '../platform/config/index.js';
import { RedisPubSub } from '../platform/redis/index.js';
import { Log } from '../platform/logging/index.js';
import { RUNS_QUEUE, type ChatJob } from './bull-dispatcher.js';
import { RunDispatcher } from './run-dispatcher.js';
import { RunWorker } from './run-worker.js';

/** Takes jobs from the queue. A job that stalls with its worker is given to another; the lease decides who runs. */
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

  /** Takes no more jobs; those under way end with their runs, which are handed over. */
  async onModuleDestroy(): Promise<void> {
    this.leaving = true;
    await this.worker.pause(true);
  }

  /** A queue closes in order, and waits for a Redis that is away for as long as that takes. */
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
