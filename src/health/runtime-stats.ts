/** What the rest of the process is doing right now. */
export interface RuntimeSnapshot {
  /** Runs that wait for a worker. */
  queue_depth: number;
  active_runs: number;
  /** Streams that somebody is watching. */
  active_streams: number;
  /** Missing where there is none; `faults` are sentences for an operator. */
  redis?: { connected: boolean; facts: object; faults: string[] };
  model: { ok: boolean; name: string; detail: string };
}

/** Where the figures come from. A port: `health` stands beside the modules that know them. */
export abstract class RuntimeStats {
  abstract snapshot(): Promise<RuntimeSnapshot>;
}
