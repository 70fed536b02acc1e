import { Injectable } from '@nestjs/common';
import { Settings } from '../platform/config/index.js';
import { ToolRegistry } from '../tools/index.js';
import type { AgentRun } from './agent-run.js';
import { AgentRegistry } from './agents.js';
import type { ModelTool } from '../models/index.js';
import { History } from './history.js';
import type { RunEmitter } from './run-emitter.js';
import { RunFailure } from './run-failure.js';
import { RunProgress } from './run-progress.js';

/** Collects what a run starts from. */
@Injectable()
export class RunPreparation {
  constructor(
    private readonly agents: AgentRegistry,
    private readonly registry: ToolRegistry,
    private readonly history: History,
    private readonly settings: Settings,
  ) {}

  /** @throws RunFailure `unknown_agent`. */
  async prepare(run: AgentRun, emitter: RunEmitter): Promise<RunProgress> {
    const agent = this.agents.find(run.agent);
    if (!agent) throw unknownAgent(run.agent);
    const history = await this.history.messages(run.tenant, run.history);
    const tools = agent.tools.flatMap((name) => this.describe(name));
    const outputLimit = this.settings.RUN_MAX_OUTPUT_CHARS;
    return new RunProgress({ run, agent, emitter, tools, history, outputLimit });
  }

  /** An agent may name a tool that this deployment does not have: the model is not offered it. */
  private describe(name: string): ModelTool[] {
    const info = this.registry.find(name);
    return info ? [{ name, description: info.description, parameters: info.parameters }] : [];
  }
}

function unknownAgent(name: string): RunFailure {
  return new RunFailure({
    error: `There is no agent named "${name}".`,
    code: 'unknown_agent',
    retryable: false,
  });
}
