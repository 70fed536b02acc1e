/** What the rest of the process is doing right now. */
export interface RuntimeSnapshot {
  /** Runs waiting for a worker. */
  queue_depth: number;
  active_runs: number;
  /** Open streams. */
  active_streams: number;
  /** Missing if there is none; `faults` are sentences for an operator. */
  redis?: { connected: boolean; facts: object; faults: string[] };
  /** MCP servers by name; a required one that is not there is a failure. */
  mcp: Record<string, { status: string; required: boolean; reason?: string }>;
  model: { ok: boolean; name: string; detail: string };
}

/** Where the values come from. A port: `health` is next to the modules that know them. */
export abstract class RuntimeStats {
  abstract snapshot(): Promise<RuntimeSnapshot>;
}
