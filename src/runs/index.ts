export { LeaseKeeper } from './lease-keeper.js';
export { RunControl } from './run-control.js';
export { RunQueueModule } from './run-queue.module.js';
export { RunStore } from './run-store.js';
export { RunsModule } from './runs.module.js';
export { isOrphaned } from './lease.js';
