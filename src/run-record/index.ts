export type { HeldRun, Question } from './held-run.js';
export { MESSAGE, type MessageDocument } from './message.schema.js';
export {
  shownStatus,
  type RunFacet,
  type RunFailure,
  type RunSource,
  type RunStatus,
  type RunUsage,
  type ShownStatus,
} from './run-facet.js';
export { RunRecordModule } from './run-record.module.js';
