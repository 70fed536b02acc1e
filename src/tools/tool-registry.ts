import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { z } from 'zod';
import { readArguments } from './tool-arguments.js';
import { ToolError, toolOptionsOf, type ToolContext, type ToolOptions, type ToolResult } from './tool.js';

/** A tool as clients and models see it. */
export interface ToolInfo {
  name: string;
  description: string;
  /** JSON Schema of the arguments object. */
  parameters: Record<string, unknown>;
  idempotent: boolean;
}

interface RegisteredTool {
  info: ToolInfo;
  run(argumentsText: string, context: ToolContext): Promise<ToolResult>;
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Every `@Tool` of every provider in the application, collected at startup. */
@Injectable()
export class ToolRegistry implements OnModuleInit {
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
    const { name, description, idempotent } = options;
    if (!NAME.test(name)) throw new Error(`The tool name "${name}" must match ${NAME.source}.`);
    if (this.tools.has(name)) throw new Error(`Two tools are named "${name}".`);
    const parameters: Record<string, unknown> = z.toJSONSchema(options.parameters, { io: 'input' });
    delete parameters['$schema']; // models need no dialect
    this.tools.set(name, {
      info: { name, description, parameters, idempotent },
      run: (text, context) => method(readArguments(options.parameters, text), context),
    });
  }
}

type RegisteredMethod = (args: object, context: ToolContext) => Promise<ToolResult>;
