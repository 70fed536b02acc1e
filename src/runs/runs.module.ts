import { Module } from '@nestjs/common';
import { AgentModule } from '../agent/index.js';
import { ApprovalsModule } from '../approvals/index.js';
import { AuditModule } from '../audit/index.js';
import { bind } from '../common/index.js';
import { MessagesModule } from '../messages/index.js';
import { ErasureRegistry } from '../platform/erasure/index.js';
import { RunRecordModule } from '../run-record/index.js';
import { StreamsModule } from '../streams/index.js';
import { RedisPubSub } from '../platform/redis/index.js';
import { runDispatcher } from './dispatch/bull-queue.js';
import { InlineDispatcher } from './dispatch/inline-dispatcher.js';
import { LeaseKeeper } from './execution/lease-keeper.js';
import { ExpiredLogs } from './retention/expired-logs.js';
import { LogRetention } from './retention/log-retention.js';
import { RunLifecycle } from './execution/run-lifecycle.js';
import { ForkStore } from './control/fork-store.js';
import { Forks } from './control/forks.js';
import { RunControl } from './control/run-control.js';
import { RunDispatcher } from './dispatch/run-dispatcher.js';
import { RunDrain } from './control/run-drain.js';
import { RunErasure } from './retention/run-erasure.js';
import { RunHistories } from './execution/run-history.js';
import { RunExecutor } from './execution/run-executor.js';
import { ParkedRuns } from './record/parked-runs.js';
import { RunParking } from './execution/run-parking.js';
import { ApprovalsService } from './control/approvals.service.js';
import { RunWaking } from './control/run-waking.js';
import { RunRecovery } from './dispatch/run-recovery.js';
import { LocalRunSignals, RedisRunSignals, RunSignals } from './execution/run-signals.js';
import { RunFactsReader } from './record/run-facts.js';
import { RunStore } from './record/run-store.js';
import { RunWatches } from './execution/run-watch.js';
import { RunWorker } from './execution/run-worker.js';
import { RunTurns } from './control/run-turns.js';
import { RunsService } from './control/runs.service.js';

/** The life of a run: queue, lease, execution, cancel, recovery. */
@Module({
  imports: [AgentModule, AuditModule, ApprovalsModule, MessagesModule, RunRecordModule, StreamsModule],
  providers: [
    RunStore,
    RunFactsReader,
    ParkedRuns,
    RunWatches,
    LeaseKeeper,
    RunLifecycle,
    RunParking,
    RunHistories,
    RunExecutor,
    RunWorker,
    InlineDispatcher,
    runDispatcher,
    bind(RunSignals, {
      useFactory: (redis?: RedisPubSub) => (redis ? new RedisRunSignals(redis) : new LocalRunSignals()),
      inject: [{ token: RedisPubSub, optional: true }],
    }),
    RunControl,
    RunWaking,
    ApprovalsService,
    RunRecovery,
    RunDrain,
    RunsService,
    Forks,
    ForkStore,
    RunTurns,
    RunErasure,
    ExpiredLogs,
    LogRetention,
  ],
  exports: [
    ApprovalsService,
    Forks,
    RunControl,
    RunsService,
    RunTurns,
    RunStore,
    RunFactsReader,
    ParkedRuns,
    LeaseKeeper,
    RunWorker,
    RunDispatcher,
  ],
})
export class RunsModule {
  constructor(erasures: ErasureRegistry, erasure: RunErasure) {
    erasures.register(erasure);
  }
}
