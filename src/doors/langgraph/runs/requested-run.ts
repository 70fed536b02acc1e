/** What a request for a run has led to. */
export interface RequestedRun {
  readonly runId: string;
  readonly agent: string | undefined;
  /** The run goes on from this event, which the client has seen. */
  readonly after?: string | undefined;
  /** Calls that were decided by the request. */
  readonly decided?: readonly string[];
}
