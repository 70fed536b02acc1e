import { createHash } from 'node:crypto';
import { missingVariables, readYamlFile, type FieldFault } from '../../platform/config/index.js';
import { agentsFileSchema, type AgentEntry, type AgentsFile } from './agents-schema.js';
import type { AgentDefinition, AgentSpec, ModelAgent, WorkflowAgent } from './definition.js';

/** The agents that a file describes. */
export interface DescribedAgents {
  agents: AgentDefinition[];
  /** Name of the agent for messages that name none. */
  default: string;
}

/** @throws YamlFileError with file, line and field of each fault. */
export function readAgentsFile(file: string): DescribedAgents {
  const { agents, default: name } = readYamlFile(file, agentsFileSchema, faultsOf);
  return { agents: agents.map(toDefinition), default: name ?? agents[0]?.name ?? '' };
}

/** An agent with its version. */
export function withVersion(spec: AgentSpec): AgentDefinition {
  const version = createHash('sha256')
    .update(JSON.stringify(sorted(spec)))
    .digest('hex')
    .slice(0, 12);
  return { ...spec, version };
}

/** Objects with their keys in order: the order in the file is no difference. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]),
  );
}

function toDefinition(entry: AgentEntry): AgentDefinition {
  return withVersion(entry.kind === 'model' ? toModelAgent(entry) : entry);
}

function toModelAgent(entry: Extract<AgentEntry, { kind: 'model' }>): ModelAgent {
  const { instructions, custom_instructions, type_rules, tools, ...rest } = entry;
  const rules = custom_instructions.map((rule) => `- ${rule}`);
  const types = type_rules.map((rule) => `- ${typeRule(rule)}`);
  const parts = [
    instructions,
    ...(rules.length > 0 ? [`Rules:\n${rules.join('\n')}`] : []),
    ...(types.length > 0 ? [`How to write arguments of tools:\n${types.join('\n')}`] : []),
  ];
  return { ...rest, instructions: parts.join('\n\n'), tools: tools ?? 'built-in' };
}

function typeRule({ names, type, example, not, description }: TypeRule): string {
  const what = `${names.join(', ')}: ${type}`;
  const instead = not === undefined ? '' : `, not ${not}`;
  const shown = example === undefined ? instead : `, e.g. ${example}${instead}`;
  return `${what}${shown}${description === undefined ? '' : ` (${description})`}`;
}

type TypeRule = Extract<AgentEntry, { kind: 'model' }>['type_rules'][number];

/** What the schema cannot say: names that are taken, or that nobody has. */
function faultsOf({ agents, default: name }: AgentsFile): FieldFault[] {
  const known = new Map(agents.map((agent) => [agent.name, agent]));
  const faults: FieldFault[] = [];
  agents.forEach((agent, index) => {
    const at = (...path: PropertyKey[]) => ['agents', index, ...path];
    if (agents.findIndex((other) => other.name === agent.name) < index)
      faults.push({ path: at('name'), message: `there are two agents named "${agent.name}".` });
    for (const { path, name: wanted } of references(agent))
      if (!known.has(wanted))
        faults.push({ path: at(...path), message: `there is no agent named "${wanted}".` });
    if (startsItself(agent, known))
      faults.push({ path: at('name'), message: `"${agent.name}" would start itself.` });
    faults.push(...faultsOfHeaders(agent).map((message) => ({ path: at('headers'), message })));
    faults.push(...faultsOfModel(agent).map((message) => ({ path: at('model'), message })));
    faults.push(...faultsOfLead(agent, known).map((message) => ({ path: at('lead'), message })));
  });
  if (name !== undefined && !known.has(name))
    faults.push({ path: ['default'], message: `there is no agent named "${name}".` });
  return faults;
}

function faultsOfHeaders(agent: AgentEntry): string[] {
  if (agent.kind !== 'remote') return [];
  const missing = Object.values(agent.headers).flatMap((value) => missingVariables(value));
  return missing.map((name) => `the environment variable ${name} is not set.`);
}

function faultsOfModel(agent: AgentEntry): string[] {
  if (agent.kind !== 'remote') return [];
  if (agent.protocol === 'openai' && agent.model === undefined) return ['protocol "openai" needs it.'];
  if (agent.protocol !== 'openai' && agent.model !== undefined)
    return [`protocol "${agent.protocol}" has none.`];
  return [];
}

function faultsOfLead(agent: AgentEntry, known: ReadonlyMap<string, AgentEntry>): string[] {
  if (agent.kind !== 'workflow') return [];
  return [faultOfLead(agent, known.get(agent.lead ?? '')?.kind) ?? []].flat();
}

/**
 * What is wrong with the lead of a workflow, in words.
 * @param kind of the lead; missing if there is none.
 */
export function faultOfLead(
  { strategy, lead }: Pick<WorkflowAgent, 'strategy' | 'lead'>,
  kind: AgentSpec['kind'] | undefined,
): string | undefined {
  if (strategy === 'hierarchical' && lead === undefined) return 'a hierarchical workflow needs one.';
  if (strategy === 'sequential' && lead !== undefined) return 'a sequential workflow has none.';
  if (strategy !== 'hierarchical' || kind === undefined || kind === 'model') return undefined;
  return 'must be an agent of kind "model".';
}

interface Reference {
  path: PropertyKey[];
  name: string;
}

function references(agent: AgentEntry): Reference[] {
  const listed = (field: string, names: readonly string[]) =>
    names.map((name, at) => ({ path: [field, at], name }));
  if (agent.kind === 'model') return listed('delegates', agent.delegates);
  if (agent.kind === 'remote') return [];
  return [
    ...listed('agents', agent.agents),
    ...(agent.lead === undefined ? [] : [{ path: ['lead'], name: agent.lead }]),
  ];
}

/** Through whatever it starts without a model's decision: a model may decide otherwise, a workflow cannot. */
function startsItself(agent: AgentEntry, known: ReadonlyMap<string, AgentEntry>): boolean {
  const seen = new Set<string>();
  const waiting = agent.kind === 'workflow' ? [...agent.agents, agent.lead ?? ''] : [];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === agent.name) return true;
    const next = known.get(name);
    if (seen.has(name) || next?.kind !== 'workflow') continue;
    seen.add(name);
    waiting.push(...next.agents, next.lead ?? '');
  }
  return false;
}
