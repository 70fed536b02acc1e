/** What is stored about runs that are not done. */
export interface RunFacts {
  /** Runs that wait for a worker. */
  pending: number;
  /** How long the oldest of them has waited, ms. */
  oldest_pending_ms: number;
  /** Of those that wait for long, the ones that nothing in their chat is ahead of. */
  stuck: number;
  /** Runs whose worker has given no sign of life for long. */
  orphaned: number;
  /** Runs that wait for a decision. */
  waiting: number;
  /** How long the oldest of them has waited, ms. */
  oldest_waiting_ms: number;
  /** More runs are open than were looked at. */
  truncated: boolean;
}

/** What the logs of the runs that ended last look like. */
export interface LogFacts {
  checked: number;
  /** Logs with fewer events than their last place says. */
  gaps: number;
  /** Logs without `end`. */
  without_end: number;
}

/** Facts that are looked up only when somebody asks for a diagnosis. A port, like `RuntimeStats`. */
export abstract class RuntimeFacts {
  abstract runs(): Promise<RunFacts>;
  abstract logs(): Promise<LogFacts>;
}
