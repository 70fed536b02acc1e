import { Injectable } from '@nestjs/common';
import type { ModelTool } from '../../models/index.js';
import { ToolRegistry } from '../../tools/index.js';
import { TASK_TOOL, type AgentDefinition, type ModelAgent } from './definition.js';

/** `server__*` */
const ALL_OF_SERVER = /^(.+)__\*$/;
/** `server__tool` */
const OF_SERVER = /^(.+?)__/;

/** Which tools an agent may use, as they are now: those of servers come and go. */
@Injectable()
export class AgentTools {
  constructor(private readonly registry: ToolRegistry) {}

  /** Names of the tools that the agent has at the moment. */
  of({ tools }: ModelAgent): string[] {
    const all = this.registry.list();
    if (tools === 'all') return all.map(({ name }) => name);
    if (tools === 'built-in') return all.filter(({ source }) => source === undefined).map(({ name }) => name);
    const names = tools.flatMap((wanted) => {
      const server = ALL_OF_SERVER.exec(wanted)?.[1];
      return server === undefined
        ? [wanted]
        : all.filter(({ source }) => source === server).map(({ name }) => name);
    });
    return [...new Set(names)].filter((name) => this.registry.find(name) !== undefined);
  }

  /** The same as described to its models. */
  described(agent: ModelAgent): ModelTool[] {
    return this.of(agent).flatMap((name) => {
      const info = this.registry.find(name);
      return info ? [{ name, description: info.description, parameters: info.parameters }] : [];
    });
  }

  /** Names of which nobody knows what they mean. The tools of a server that is away are not among them. */
  unknown(agent: AgentDefinition): string[] {
    if (agent.kind !== 'model') return [];
    const named = [...(typeof agent.tools === 'string' ? [] : agent.tools), ...agent.approvals];
    return named.filter((name) => {
      if (name === TASK_TOOL || this.registry.find(name)) return false;
      const server = OF_SERVER.exec(name)?.[1];
      return server === undefined || !this.registry.sources.has(server);
    });
  }
}
