export { toEarlierExchange, toEarlierExchanges } from './execution/earlier-exchanges.js';
export { RunFollowUp, type ClosedRun } from './execution/run-follow-up.js';
export { LeaseKeeper } from './execution/lease-keeper.js';
export { RunControl } from './control/run-control.js';
export { RunQueueModule } from './run-queue.module.js';
export { RunTurns } from './control/run-turns.js';
export { RunStore } from './record/run-store.js';
export { RunsModule } from './runs.module.js';
export { isOrphaned } from './record/lease.js';
