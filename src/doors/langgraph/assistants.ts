import type { AgentInfo } from '../../agent/index.js';

/** An agent as `@langchain/langgraph-sdk` reads it. */
export interface Assistant {
  assistant_id: string;
  graph_id: string;
  name: string;
  description: string;
  config: Record<string, unknown>;
  context: Record<string, unknown>;
  created_at: string;
  updated_at: string;
  metadata: Record<string, unknown>;
  version: number;
}

/** Agents come from a file, which does not say when. */
const SINCE = new Date(0).toISOString();

export function toAssistant({ name, kind, description, version, ...more }: AgentInfo): Assistant {
  return {
    assistant_id: name,
    graph_id: name,
    name,
    description,
    config: {},
    context: {},
    created_at: SINCE,
    updated_at: SINCE,
    metadata: { created_by: 'system', kind, agent_version: version, default: more.default },
    version: 1,
  };
}

const message = {
  type: 'object',
  required: ['type', 'content'],
  properties: {
    id: { type: 'string' },
    type: { type: 'string', enum: ['human', 'ai', 'tool'] },
    content: { type: 'string' },
    tool_calls: { type: 'array', items: { type: 'object' } },
    tool_call_id: { type: 'string' },
  },
};
const planItem = {
  type: 'object',
  required: ['id', 'text', 'status'],
  properties: {
    id: { type: 'string' },
    text: { type: 'string' },
    status: { type: 'string', enum: ['pending', 'in_progress', 'completed'] },
  },
};

/** The same for all agents. */
export function schemasOf({ graph_id }: Pick<Assistant, 'graph_id'>): object {
  const input = {
    type: 'object',
    required: ['messages'],
    properties: { messages: { type: 'array', items: message } },
  };
  const state = { ...input, properties: { ...input.properties, plan: { type: 'array', items: planItem } } };
  const nothing = { type: 'object', properties: {} };
  return {
    graph_id,
    input_schema: { title: 'Input', ...input },
    output_schema: { title: 'Output', ...state },
    state_schema: { title: 'State', ...state },
    config_schema: { title: 'Config', ...nothing },
    context_schema: { title: 'Context', ...nothing },
  };
}
