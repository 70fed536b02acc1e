/** How far one agent may go; what is missing is the deployment's setting. */
export interface AgentLimits {
  /** Model turns. */
  max_steps?: number | undefined;
  /** Characters of the answer, and of thinking. */
  max_output_chars?: number | undefined;
  /** Other agents that it may start in one run. */
  max_delegates?: number | undefined;
}

/** How a model chooses its words; what is missing is the provider's default. */
export interface Sampling {
  temperature?: number | undefined;
  top_p?: number | undefined;
  max_output_tokens?: number | undefined;
  stop?: readonly string[] | undefined;
  seed?: number | undefined;
  reasoning_effort?: 'minimal' | 'low' | 'medium' | 'high' | undefined;
}

interface Named {
  name: string;
  /** One sentence for people who choose an agent, and for agents that may start it. */
  description: string;
}

/** A language model with instructions and tools. */
export interface ModelAgent extends Named {
  kind: 'model';
  /** System prompt. */
  instructions: string;
  /** `provider:model`, in the order in which they are tried. Default: the deployment's. */
  models?: readonly string[] | undefined;
  /**
   * Names of tools it may use; `server__*` for all of an MCP server. `built-in`: all that this process has itself;
   * `all`: those of MCP servers, too.
   */
  tools: readonly string[] | 'built-in' | 'all';
  /** Tools of which a person must approve each call, beside those that say so themselves. */
  approvals: readonly string[];
  /** Agents that it may start with the tool `task`. */
  delegates: readonly string[];
  /** False: one call at a time. */
  parallel: boolean;
  limits: AgentLimits;
  sampling: Sampling;
}

/** Other agents, one after the other, side by side, or directed by a lead. */
export interface WorkflowAgent extends Named {
  kind: 'workflow';
  strategy: 'sequential' | 'parallel' | 'hierarchical';
  agents: readonly string[];
  /** Directs the others (`hierarchical`), or puts their answers together (`parallel`). */
  lead?: string | undefined;
  limits: AgentLimits;
}

/** Another service. */
export interface RemoteAgent extends Named {
  kind: 'remote';
  /** What it speaks: Server-Sent Events, A2A 1.0, or Chat Completions of OpenAI. */
  protocol: 'sse' | 'a2a' | 'openai';
  /** Its name there; of `openai`. */
  model?: string | undefined;
  /** Default: `AI_AGENT_SERVICE_URL`. */
  url?: string | undefined;
  headers: Readonly<Record<string, string>>;
  /** Longest silence of the service, ms. */
  timeout_ms?: number | undefined;
}

/** What an agent is. */
export type AgentSpec = ModelAgent | WorkflowAgent | RemoteAgent;

/** An agent of this deployment. */
export type AgentDefinition = AgentSpec & {
  /** The same for the same definition: 12 hex digits of a hash. */
  version: string;
};

/** Name of the tool with which an agent starts another one. */
export const TASK_TOOL = 'task';
