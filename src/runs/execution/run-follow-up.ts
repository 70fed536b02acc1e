import type { HistoryRoom } from './run-log.js';
import type { HeldRun, RunCost, RunStatus, RunUsage } from '../../run-record/index.js';

/** A run whose log is complete. */
export interface ClosedRun {
  status: RunStatus;
  /** The text of the answer. */
  answer: string;
  /** The chat has a title that nobody chose. */
  wantsTitle: boolean;
  /** Tool calls that were started. */
  toolCalls: number;
  usage: RunUsage;
  /** Missing unless every model that was asked has a price. */
  cost?: RunCost | undefined;
  /** How much more of the conversation before the question its models could have been given; missing if unknown. */
  historyRoom?: HistoryRoom | undefined;
}

/** What follows after a run, beside everything else. A port: implemented above this module. */
export abstract class RunFollowUp {
  /** Called once for each run that this process has closed. Must neither throw nor take time. */
  abstract closed(run: HeldRun, closed: ClosedRun): void;
}
