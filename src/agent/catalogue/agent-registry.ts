import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { AppError } from '../../common/index.js';
import { Settings, YamlFileError } from '../../platform/config/index.js';
import { ModelCatalogue, ModelRefError } from '../../models/index.js';
import { Log } from '../../platform/logging/index.js';
import { AgentTools } from './agent-tools.js';
import { AgentVersions } from './agent-versions.js';
import { faultOfLead, readAgentsFile, withVersion, type DescribedAgents } from './agents-file.js';
import { ASSISTANT } from './assistant.js';
import type { AgentDefinition, WorkflowAgent } from './definition.js';

/** An agent as clients see it: everything but instructions and addresses. */
export interface AgentInfo {
  name: string;
  kind: AgentDefinition['kind'];
  description: string;
  version: string;
  /** Answers messages that name no agent. */
  default: boolean;
  /** Names of the tools it may use; of a model. */
  tools?: string[];
  /** Agents that it may, or does, start. */
  agents?: string[];
  strategy?: WorkflowAgent['strategy'];
}

/** Name of agents that a request describes. */
export const AD_HOC = 'workflow';

/** The agents of this deployment: those of `AGENTS_FILE`, else the assistant. */
@Injectable()
export class AgentRegistry implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Log(AgentRegistry.name);
  private described: DescribedAgents;
  private byName: ReadonlyMap<string, AgentDefinition>;
  private readonly reload = (): void => void this.reloadNow();

  /** @throws YamlFileError if the file is wrong: the application does not start. */
  constructor(
    private readonly settings: Settings,
    private readonly tools: AgentTools,
    private readonly versions: AgentVersions,
    private readonly catalogue: ModelCatalogue,
  ) {
    this.described = this.read();
    this.byName = index(this.described);
  }

  /** @throws YamlFileError if an agent names an unknown tool, or a model that cannot be asked: the application does not start. */
  async onApplicationBootstrap(): Promise<void> {
    this.check(this.described);
    await this.rememberAll();
    if (this.settings.AGENTS_FILE !== undefined) process.on('SIGHUP', this.reload);
  }

  beforeApplicationShutdown(): void {
    process.off('SIGHUP', this.reload);
  }

  /** Name of the agent for messages that name none. */
  get defaultAgent(): string {
    return this.described.default;
  }

  /** Every model that some agent may ask: `provider:model`, the deployment's own chain first. */
  get models(): string[] {
    const named = this.described.agents.flatMap((agent) =>
      agent.kind === 'model' ? (agent.models ?? []) : [],
    );
    return [...new Set([...this.catalogue.chain().map(({ ref }) => ref), ...named])];
  }

  /** All agents by name. */
  list(): AgentInfo[] {
    return this.described.agents.map((agent) => this.describe(agent));
  }

  /** The agent that a new run gets. */
  find(name: string): AgentDefinition | undefined {
    return this.byName.get(name);
  }

  /** The agent that a run was given, even if the file has another one by now. */
  async resolve(name: string, version: string | undefined): Promise<AgentDefinition | undefined> {
    const current = this.find(name);
    if (current) this.versions.rememberSoon(current);
    if (version === undefined || current?.version === version) return current;
    return (await this.ofVersion(version)) ?? current;
  }

  /** A definition that this deployment has, or had. */
  ofVersion(version: string): Promise<AgentDefinition | undefined> {
    return this.versions.find(version);
  }

  /**
   * A workflow that a request describes: an agent that its run can name by its version, once it is remembered.
   * @throws AppError `unknown_agent`, `invalid_workflow`.
   */
  adHoc(spec: Pick<WorkflowAgent, 'strategy' | 'agents' | 'lead'>): AgentDefinition {
    const { strategy, agents, lead } = spec;
    const named = [...agents, ...(lead === undefined ? [] : [lead])];
    const unknown = named.filter((name) => !this.byName.has(name));
    if (unknown.length > 0) throw new AppError('unknown_agent', { agent: [...new Set(unknown)].join(', ') });
    const why = faultOfLead(spec, lead === undefined ? undefined : this.byName.get(lead)?.kind);
    if (why !== undefined) throw new AppError('invalid_workflow', { why });
    const description = `A ${strategy} workflow of ${agents.join(', ')}.`;
    const agent = withVersion({
      kind: 'workflow',
      name: AD_HOC,
      description,
      strategy,
      agents,
      lead,
      limits: {},
    });
    return agent;
  }

  /** Stores a definition that no file has. Can be repeated. */
  remember(agent: AgentDefinition): Promise<void> {
    return this.versions.remember(agent);
  }

  private read(): DescribedAgents {
    const { AGENTS_FILE: file } = this.settings;
    return file === undefined ? { agents: [ASSISTANT], default: ASSISTANT.name } : readAgentsFile(file);
  }

  private check({ agents }: DescribedAgents): void {
    const faults = agents.flatMap((agent) =>
      this.tools
        .unknown(agent)
        .map((tool) => `The agent "${agent.name}" names a tool that does not exist: "${tool}".`),
    );
    faults.push(...agents.flatMap((agent) => this.modelFaults(agent)));
    if (faults.length > 0)
      throw new YamlFileError(faults.map((fault) => `${this.settings.AGENTS_FILE ?? ''}: ${fault}`));
  }

  /** Models that this deployment cannot ask. */
  private modelFaults(agent: AgentDefinition): string[] {
    if (agent.kind !== 'model' || agent.models === undefined) return [];
    try {
      this.catalogue.chain(agent.models);
      return [];
    } catch (error) {
      if (!(error instanceof ModelRefError)) throw error;
      return [`The agent "${agent.name}" names a model that cannot be asked. ${error.message}`];
    }
  }

  private async rememberAll(): Promise<void> {
    if (this.settings.AGENTS_FILE === undefined) return;
    await Promise.all(this.described.agents.map((agent) => this.versions.remember(agent)));
  }

  /** For runs that start from now on. A file with a fault changes nothing. */
  private async reloadNow(): Promise<void> {
    try {
      const described = this.read();
      this.check(described);
      const before = this.described;
      this.described = described;
      this.byName = index(described);
      await this.rememberAll();
      const known = new Set(before.agents.map(({ version }) => version));
      const changed = described.agents.filter(({ version }) => !known.has(version)).map(({ name }) => name);
      this.log.info(`the agents were read again; new or changed: ${changed.join(', ') || 'none'}`);
    } catch (error) {
      if (!(error instanceof YamlFileError)) this.log.error('the agents could not be stored', { err: error });
      else for (const fault of error.faults) this.log.error(`the agents stay as they were. ${fault}`);
    }
  }

  private describe(agent: AgentDefinition): AgentInfo {
    const { name, kind, description, version } = agent;
    const info = { name, kind, description, version, default: name === this.defaultAgent };
    if (agent.kind === 'model') return { ...info, tools: this.tools.of(agent), agents: [...agent.delegates] };
    if (agent.kind === 'remote') return info;
    const { strategy, lead, agents } = agent;
    return { ...info, strategy, agents: [...agents, ...(lead === undefined ? [] : [lead])] };
  }
}

function index({ agents }: DescribedAgents): ReadonlyMap<string, AgentDefinition> {
  return new Map(agents.map((agent) => [agent.name, agent]));
}
