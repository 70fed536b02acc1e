import type {
  RunCost,
  RunFailure,
  RunSpending,
  RunSource,
  RunStatus,
  RunUsage,
} from '../../run-record/index.js';

/** How a run ended. */
export interface Ending {
  status: Extract<RunStatus, 'completed' | 'error' | 'cancelled'>;
  usage: RunUsage;
  /** The same for each model that was asked. */
  spent?: readonly RunSpending[];
  /** Missing unless every model has a price. */
  cost?: RunCost;
  model: string;
  tool_calls: number;
  /** What its tool calls are based on, each source once. Missing if there is none. */
  sources?: readonly RunSource[];
  failure?: RunFailure;
  /** What went to its models: entries to be added to those of earlier attempts. */
  turns?: Record<string, object>;
}

/** The answer to a question, as it is stored. */
export interface Answer {
  content: string;
  /** Later than every message of the chat. */
  created_at: Date;
  ms: number;
  ending: Ending;
}
