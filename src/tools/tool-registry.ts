import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { z } from 'zod';
import type { FieldError } from '../common/index.js';
import { argumentFaults, readArguments } from './tool-arguments.js';
import {
  ToolError,
  toolOptionsOf,
  type ToolContext,
  type ToolOptions,
  type ToolResult,
  type ToolTraits,
} from './tool.js';

/** A tool as clients and models see it. */
export interface ToolInfo extends Required<Omit<ToolTraits, 'timeout_ms'>>, Pick<ToolTraits, 'timeout_ms'> {
  name: string;
  label: string;
  description: string;
  /** JSON Schema of the arguments object. */
  parameters: Record<string, unknown>;
  /** Who provides it, e.g. the name of an MCP server; missing for tools of this process. */
  source?: string;
}

/** A tool that is described at run time, by a server for example. */
export interface ProvidedTool {
  info: Pick<ToolInfo, 'name' | 'description' | 'parameters'> & Partial<ToolInfo>;
  /**
   * Runs it. The arguments are JSON as written by the model: nobody has checked them.
   * @throws ToolError for failures that the model should know about.
   */
  run(argumentsText: string, context: ToolContext): Promise<ToolResult>;
  /** What is wrong with arguments, before anybody is asked to approve the call. Default: nothing is checked. */
  faults?(argumentsText: string): readonly FieldError[];
}

interface RegisteredTool {
  info: ToolInfo;
  faults(argumentsText: string): readonly FieldError[];
  run(argumentsText: string, context: ToolContext): Promise<ToolResult>;
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Every `@Tool` of every provider in the application, collected at startup, and the tools of sources such as MCP servers. */
@Injectable()
export class ToolRegistry implements OnModuleInit {
  /** Servers and other sources that may provide tools, also while they have none. */
  readonly sources = new Set<string>();
  private readonly tools = new Map<string, RegisteredTool>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** @throws Error if two tools share a name or a name cannot be given to a model: the application does not start. */
  onModuleInit(): void {
    for (const { instance } of this.discovery.getProviders()) {
      if (typeof instance === 'object' && instance !== null) this.scan(instance as object);
    }
  }

  /** All tools by name. */
  list(): ToolInfo[] {
    return [...this.tools.values()].map((tool) => tool.info).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** What is known about a tool; `undefined` if there is none with that name. */
  find(name: string): ToolInfo | undefined {
    return this.tools.get(name)?.info;
  }

  /**
   * Checks the arguments and runs the tool.
   * @param argumentsText JSON as written by the model.
   * @throws ToolError for an unknown name or wrong arguments; whatever the tool throws.
   */
  async call(name: string, argumentsText: string, context: ToolContext): Promise<ToolResult> {
    const tool = this.tools.get(name);
    if (!tool) throw new ToolError(`There is no tool named "${name}".`, 'unknown_tool');
    return tool.run(argumentsText, context);
  }

  /**
   * What is wrong with arguments, field by field; empty if the tool would run with them, or does not say.
   * @param argumentsText JSON as written by a model or a person.
   */
  faults(name: string, argumentsText: string): readonly FieldError[] {
    return this.tools.get(name)?.faults(argumentsText) ?? [];
  }

  /**
   * Replaces the tools of a source: those that are not in the list any more are gone for new calls.
   * @returns the names that were refused: not a name that models accept, or taken by another source.
   */
  provide(source: string, tools: readonly ProvidedTool[]): string[] {
    this.sources.add(source);
    for (const [name, { info }] of this.tools) if (info.source === source) this.tools.delete(name);
    const refused: string[] = [];
    for (const tool of tools) {
      const { name } = tool.info;
      if (!NAME.test(name) || this.tools.has(name)) refused.push(name);
      else
        this.tools.set(name, {
          info: { ...withDefaults(tool.info), source },
          run: (text, context) => tool.run(text, context),
          faults: (text) => tool.faults?.(text) ?? [],
        });
    }
    return refused;
  }

  private scan(provider: object): void {
    const prototype: unknown = Object.getPrototypeOf(provider);
    if (typeof prototype !== 'object' || prototype === null) return;
    for (const key of this.scanner.getAllMethodNames(prototype)) {
      const method: unknown = Reflect.get(prototype, key);
      const options = toolOptionsOf(method);
      if (options) this.register(options, (method as RegisteredMethod).bind(provider));
    }
  }

  private register(options: ToolOptions, method: RegisteredMethod): void {
    const { name, parameters: schema, ...rest } = options;
    if (!NAME.test(name)) throw new Error(`The tool name "${name}" must match ${NAME.source}.`);
    if (this.tools.has(name)) throw new Error(`Two tools are named "${name}".`);
    const parameters: Record<string, unknown> = z.toJSONSchema(schema, { io: 'input' });
    delete parameters['$schema']; // models need no dialect
    this.tools.set(name, {
      info: withDefaults({ name, parameters, ...rest }),
      run: (text, context) => method(readArguments(schema, text), context),
      faults: (text) => argumentFaults(() => readArguments(schema, text)),
    });
  }
}

function withDefaults(info: ProvidedTool['info']): ToolInfo {
  const { name, label = name, description, parameters, timeout_ms } = info;
  const { idempotent = false, approval = false, parallel = true } = info;
  const limit = timeout_ms === undefined ? {} : { timeout_ms };
  return { name, label, description, parameters, idempotent, approval, parallel, ...limit };
}

type RegisteredMethod = (args: object, context: ToolContext) => Promise<ToolResult>;
