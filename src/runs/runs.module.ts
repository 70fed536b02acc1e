import { getQueueToken } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { AgentModule } from '../agent/index.js';
import { MessagesModule } from '../messages/index.js';
import { ErasureRegistry } from '../platform/erasure/index.js';
import { StreamsModule } from '../streams/index.js';
import { RedisPubSub } from '../platform/redis/index.js';
import { BullDispatcher, RUNS_QUEUE, type ChatJob } from './bull-dispatcher.js';
import { InlineDispatcher } from './inline-dispatcher.js';
import { LeaseKeeper } from './lease-keeper.js';
import { ExpiredLogs } from './expired-logs.js';
import { LogRetention } from './log-retention.js';
import { RunCloser } from './run-closer.js';
import { RunControl } from './run-control.js';
import { RunDispatcher } from './run-dispatcher.js';
import { RunDrain } from './run-drain.js';
import { RunErasure } from './run-erasure.js';
import { RunExecutor } from './run-executor.js';
import { RunRecovery } from './run-recovery.js';
import { LocalRunSignals, RedisRunSignals, RunSignals } from './run-signals.js';
import { RunStore } from './run-store.js';
import { RunWorker } from './run-worker.js';
import { RunsController } from './runs.controller.js';
import { RunsService } from './runs.service.js';

/** The life of a run: queue, lease, execution, cancel, recovery. */
@Module({
  imports: [AgentModule, MessagesModule, StreamsModule],
  controllers: [RunsController],
  providers: [
    RunStore,
    LeaseKeeper,
    RunCloser,
    RunExecutor,
    RunWorker,
    InlineDispatcher,
    {
      provide: RunDispatcher,
      useFactory: (inline: InlineDispatcher, redis?: RedisPubSub, queue?: Queue<ChatJob>) =>
        redis && queue ? new BullDispatcher(queue, redis) : inline,
      inject: [
        InlineDispatcher,
        { token: RedisPubSub, optional: true },
        { token: getQueueToken(RUNS_QUEUE), optional: true },
      ],
    },
    {
      provide: RunSignals,
      useFactory: (redis?: RedisPubSub) => (redis ? new RedisRunSignals(redis) : new LocalRunSignals()),
      inject: [{ token: RedisPubSub, optional: true }],
    },
    RunControl,
    RunRecovery,
    RunDrain,
    RunsService,
    RunErasure,
    ExpiredLogs,
    LogRetention,
  ],
  exports: [RunControl, RunStore, LeaseKeeper, RunWorker, RunDispatcher],
})
export class RunsModule {
  constructor(erasures: ErasureRegistry, erasure: RunErasure) {
    erasures.register(erasure);
  }
}
