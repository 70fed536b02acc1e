import { Injectable } from '@nestjs/common';
import { READ_ATTACHMENT } from '../../files/index.js';
import type { ModelTool } from '../../models/index.js';
import { Settings } from '../../platform/config/index.js';
import type { AgentRun } from './agent-run.js';
import { AgentModels } from '../catalogue/agent-models.js';
import { AgentRegistry } from '../catalogue/agent-registry.js';
import { AgentTools } from '../catalogue/agent-tools.js';
import { withChosen } from '../catalogue/chosen.js';
import type { AgentDefinition, AgentSpec, ModelAgent } from '../catalogue/definition.js';
import { hasDocuments, readsFiles } from '../attachments/question-files.js';
import type { Showing } from '../attachments/shown-files.js';
import { History } from '../history/history.js';
import { summaryMessage } from '../history/summary-message.js';
import { RunFailure } from './run-failure.js';
import { RunProgress, type RunStart } from './run-progress.js';
import { taskTool } from './task-tool.js';
import { ToolSets } from '../turns/tool-sets.js';
import type { TurnRequests } from '../turns/turn-log.js';

/** The position of an agent among the agents of its run. */
export interface Position extends Pick<RunStart, 'emitter' | 'shared' | 'delegate'> {
  /** How many agents are above it. */
  depth: number;
}

/** What a model of the agent is given. */
interface Given {
  agent: AgentDefinition;
  tools: readonly ModelTool[];
  files: Showing | undefined;
  summary: string | undefined;
}

/** Collects what an agent starts from. */
@Injectable()
export class RunPreparation {
  constructor(
    private readonly agents: AgentRegistry,
    private readonly models: AgentModels,
    private readonly agentTools: AgentTools,
    private readonly history: History,
    private readonly toolSets: ToolSets,
    private readonly settings: Settings,
  ) {}

  /** @throws RunFailure `unknown_agent`. */
  async prepare(run: AgentRun, { depth, ...position }: Position): Promise<RunProgress> {
    const given = await this.agents.resolve(run.agent, run.agent_version);
    if (!given) throw unknownAgent(run.agent);
    const agent = withChosen(this.directed(given), run.chosen);
    const delegates = depth < this.settings.AGENT_MAX_DEPTH ? this.delegatesOf(agent) : [];
    const tools = agent.kind === 'model' ? this.toolsOf(agent, run) : [];
    // The steps of a workflow see the files, and their task is the question alone.
    const files = agent.kind === 'workflow' ? undefined : this.history.showing(readsFiles(tools));
    const asked = { content: run.content, attachments: run.attachments };
    const opening = { asked, exchanges: run.history, files };
    const { messages, question, ...kept } = await this.history.opening(run.tenant, opening);
    const summary = await run.summary?.of(kept);
    const { tokens } = this.history.limits;
    const history = summary ? [summaryMessage(summary.text, tokens), ...messages] : messages;
    if (delegates.length > 0) tools.push(taskTool(delegates));
    const { max_delegates = Infinity } = limitsOf(agent);
    return new RunProgress({
      ...position,
      run,
      agent,
      workflow: given.kind === 'workflow' ? given.strategy : undefined,
      history,
      question,
      tools,
      chain: this.chain(agent, run),
      sent: this.noteStart(run, { agent, tools, files, summary: summary?.id }),
      delegates: { names: delegates.map(({ name }) => name), max: max_delegates },
      limits: this.limits(agent),
    });
  }

  /** Documents can only be read where there are some. */
  private toolsOf(agent: ModelAgent, run: AgentRun): ModelTool[] {
    const tools = this.agentTools.described(agent);
    return hasDocuments(run) ? tools : tools.filter(({ name }) => name !== READ_ATTACHMENT);
  }

  /** Workflows keep to their plan, whoever stands in for models. */
  private chain(agent: AgentSpec, run: AgentRun): RunStart['chain'] {
    const own = this.models.chain(agent, run);
    const { substitutes, parent_call_id } = run;
    return substitutes && agent.kind !== 'workflow' ? substitutes.models(own, parent_call_id) : own;
  }

  /** A hierarchical workflow is its lead, who may start the others. */
  private directed(agent: AgentDefinition): AgentDefinition {
    if (agent.kind !== 'workflow' || agent.strategy !== 'hierarchical') return agent;
    const lead = this.agents.find(agent.lead ?? '');
    if (lead?.kind !== 'model') throw unknownAgent(agent.lead ?? '');
    return {
      ...lead,
      delegates: [...new Set([...lead.delegates, ...agent.agents])],
      limits: { ...lead.limits, ...agent.limits },
    };
  }

  private delegatesOf(agent: AgentSpec): AgentDefinition[] {
    return startedBy(agent).flatMap((name) => this.agents.find(name) ?? []);
  }

  private limits(agent: AgentSpec): RunStart['limits'] {
    const { max_steps, max_output_chars } = limitsOf(agent);
    // A workflow has as many turns as it has steps.
    const steps = agent.kind === 'workflow' ? agent.agents.length + 3 : this.settings.RUN_MAX_STEPS;
    return { steps: max_steps ?? steps, outputChars: max_output_chars ?? this.settings.RUN_MAX_OUTPUT_CHARS };
  }

  /** What the agent starts from, so that what its models were sent can be shown later. */
  private noteStart(run: AgentRun, given: Given): (step: number) => TurnRequests {
    const { parent_call_id } = run;
    const { name: agent, version } = given.agent;
    const limits = { ...this.history.limits, results: this.settings.TOOL_RESULTS_MAX_TOKENS };
    const history = run.history.slice(-limits.messages);
    const unanswered = history.filter(({ answer }) => answer === undefined);
    return run.turns.begin({
      attempt: run.attempt ?? 1,
      ...(parent_call_id !== undefined && { parent_call_id }),
      agent,
      version,
      tools: this.toolSets.nameOf(given.tools),
      history: history.map(({ message_id }) => message_id),
      ...(given.summary !== undefined && { summary: given.summary }),
      ...(unanswered.length > 0 && { unanswered: unanswered.map(({ message_id }) => message_id) }),
      limits,
      ...(given.files && hasFiles(run) && { files: given.files.limits }),
    });
  }
}

function hasFiles({ attachments = [], history }: AgentRun): boolean {
  return [attachments, ...history.map((one) => one.attachments ?? [])].some((files) => files.length > 0);
}

function startedBy(agent: AgentSpec): readonly string[] {
  if (agent.kind === 'model') return agent.delegates;
  if (agent.kind === 'remote') return [];
  return [...new Set([...agent.agents, ...(agent.lead === undefined ? [] : [agent.lead])])];
}

function limitsOf(agent: AgentSpec): ModelAgent['limits'] {
  return agent.kind === 'remote' ? {} : agent.limits;
}

function unknownAgent(name: string): RunFailure {
  return new RunFailure({
    error: `There is no agent named "${name}".`,
    code: 'unknown_agent',
    retryable: false,
  });
}
