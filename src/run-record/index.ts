export type { HeldRun, Question } from './held-run.js';
export { MESSAGE, type MessageDocument } from './message.schema.js';
export type { RunFacet, RunFailure, RunStatus, RunUsage } from './run-facet.js';
export { RunRecordModule } from './run-record.module.js';
