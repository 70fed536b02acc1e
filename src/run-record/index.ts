export type { HeldRun, Question } from './held-run.js';
export { MESSAGE, RUN_INDEXES, type MessageDocument } from './message.schema.js';
export {
  shownStatus,
  type RunCost,
  type RunFacet,
  type RunFailure,
  type RunSource,
  type RunSpending,
  type RunStatus,
  type RunUsage,
  type ShownStatus,
} from './run-facet.js';
export { RunRecordModule } from './run-record.module.js';
