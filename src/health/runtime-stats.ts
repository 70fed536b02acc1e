/** Whether a model can be asked. */
export interface ModelState {
  /** `provider:model` */
  model: string;
  ok: boolean;
  detail: string;
  /** `open`: it failed so often that others are asked at once. */
  circuit?: 'closed' | 'open' | 'half_open';
}

/** What the rest of the process is doing right now. */
export interface RuntimeSnapshot {
  /** Runs waiting for a worker. */
  queue_depth: number;
  /** Runs waiting for a decision of a person. */
  waiting_runs: number;
  active_runs: number;
  /** Open streams. */
  active_streams: number;
  /** Missing if there is none; `faults` are sentences for an operator. */
  redis?: { connected: boolean; facts: object; faults: string[] };
  /** MCP servers by name; a required one that is not there is a failure. */
  mcp: Record<string, { status: string; required: boolean; reason?: string }>;
  /** The search by meaning; missing if there is none. */
  embeddings?: { ok: boolean; model: string; reason?: string } | undefined;
  /** The model that answers by default; `models` are all that agents may ask. */
  model: { ok: boolean; name: string; detail: string; models: ModelState[] };
}

/** Where the values come from. A port: `health` is next to the modules that know them. */
export abstract class RuntimeStats {
  abstract snapshot(): Promise<RuntimeSnapshot>;
  /** The part of it that this process depends on; asks no database. */
  abstract peers(): Promise<Pick<RuntimeSnapshot, 'model' | 'redis' | 'mcp'>>;
  abstract get activeRuns(): number;
  abstract get activeStreams(): number;
}
