import { z } from 'zod';

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be 1 to 64 letters, digits, "_" and "-"')
  .describe('Unique; what a message names in `agent`');
const text = (max: number) => z.string().trim().min(1).max(max);
const names = z.array(name).max(64);

const limits = z
  .strictObject({
    max_steps: z.int().min(1).max(1000).optional().describe('Model turns in one run'),
    max_output_chars: z.int().min(1).optional().describe('Characters of the answer'),
    max_delegates: z.int().min(0).max(100).optional().describe('Agents that it may start in one run'),
  })
  .default({});

const sampling = z
  .strictObject({
    temperature: z.number().min(0).max(2).optional(),
    top_p: z.number().gt(0).max(1).optional(),
    max_output_tokens: z.int().min(1).optional(),
    stop: z.array(text(200)).max(4).optional(),
    seed: z.int().optional(),
    reasoning_effort: z.enum(['minimal', 'low', 'medium', 'high']).optional(),
  })
  .default({});

/** What a kind of argument looks like, for models that get it wrong. */
const typeRule = z.strictObject({
  names: z.array(text(100)).min(1).max(50).describe('Arguments it is about, e.g. `latitude`'),
  type: text(100).describe('e.g. `JSON number`'),
  example: text(200).optional().describe('As it should be written'),
  not: text(200).optional().describe('As it should not be written'),
  description: text(500).optional(),
});

const base = {
  name,
  description: text(1000).describe('One sentence for people, and for agents that may start this one'),
};

const model = z.strictObject({
  ...base,
  kind: z.literal('model').describe('A language model with instructions and tools'),
  instructions: text(100_000).describe('System prompt'),
  custom_instructions: z.array(text(2000)).max(100).default([]).describe('Rules, added as a list'),
  type_rules: z.array(typeRule).max(100).default([]).describe('How arguments must be written'),
  models: z
    .array(z.string().regex(/^[a-z][a-z0-9_-]*:\S+$/, 'must be provider:model, e.g. openai:gpt-5'))
    .min(1)
    .max(10)
    .optional()
    .describe("`provider:model`, tried in this order; default: the deployment's `MODEL_CHAIN`"),
  tools: z
    .array(z.string().min(1).max(64))
    .max(200)
    .optional()
    .describe(
      'Names of tools; `server__*` for all tools of an MCP server; `[]` for none; default: all built-in ones',
    ),
  approvals: z
    .array(z.string().min(1).max(64))
    .max(200)
    .default([])
    .describe('Tools of which a person must approve each call'),
  delegates: names.default([]).describe('Agents that this one may start with the tool `task`'),
  parallel: z.boolean().default(true).describe('Whether calls of one turn may run side by side'),
  limits,
  sampling,
});

const workflow = z.strictObject({
  ...base,
  kind: z.literal('workflow').describe('Other agents, in an order'),
  strategy: z
    .enum(['sequential', 'parallel', 'hierarchical'])
    .describe('One after the other, side by side, or directed by `lead`'),
  agents: names.min(1),
  lead: name.optional().describe('Directs the others, or puts their answers together'),
  limits,
});

const remote = z.strictObject({
  ...base,
  kind: z.literal('remote').describe('Another service'),
  protocol: z
    .enum(['sse', 'a2a', 'openai'])
    .default('sse')
    .describe('Server-Sent Events, A2A 1.0, or Chat Completions of OpenAI'),
  model: z.string().min(1).max(200).optional().describe('Its name there; of `openai`, which needs it'),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Default: `AI_AGENT_SERVICE_URL`'),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/), z.string().max(4000))
    .default({})
    .describe('Sent with each request; `${NAME}` is replaced by the environment variable NAME'),
  timeout_ms: z.int().min(100).optional().describe('Longest silence of the service, ms'),
});

/** The file of agents (`AGENTS_FILE`). */
export const agentsFileSchema = z.strictObject({
  agents: z
    .array(z.discriminatedUnion('kind', [model, workflow, remote]))
    .min(1)
    .max(200),
  default: name.optional().describe('The agent for messages that name none; default: the first'),
});

/** The contents of the file. */
export type AgentsFile = z.output<typeof agentsFileSchema>;

/** One entry of the file. */
export type AgentEntry = AgentsFile['agents'][number];

/** A workflow that a request describes. */
export const adHocWorkflowSchema = workflow.omit({ kind: true, name: true, description: true });
