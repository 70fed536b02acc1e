import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Dispatcher } from 'undici';
import { Settings, StartError, YamlFileError } from '../platform/config/index.js';
import { Log } from '../platform/logging/index.js';
import { ToolRegistry } from '../tools/index.js';
import { openConnection } from './connections/open-connection.js';
import { routeTo } from './connections/server-fetch.js';
import { RemoteTools, type ServerState } from './remote-tools.js';
import { readServersFile } from './servers-file.js';
import type { ServerConfig } from './servers-schema.js';

/** The MCP servers of this deployment. */
@Injectable()
export class McpServers implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new Log('Mcp');
  private servers: readonly RemoteTools[] = [];
  private dispatcher: Dispatcher | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly registry: ToolRegistry,
  ) {}

  /** How it stands with each server, by its name. */
  get state(): Record<string, ServerState> {
    return Object.fromEntries(this.servers.map((server) => [server.name, server.state]));
  }

  /**
   * Connects to the servers. Waits a while, so that the first runs find their tools; who is later is waited for in the
   * background.
   * @throws StartError if the file is wrong.
   */
  async onModuleInit(): Promise<void> {
    const { MCP_SERVERS_FILE: file, MCP_START_WAIT_MS } = this.settings;
    if (file === undefined) return;
    const dispatcher = routeTo(this.settings);
    this.dispatcher = dispatcher;
    const means = { dispatcher, log: this.log };
    this.servers = readFile(file).map(
      (server) =>
        new RemoteTools(server, {
          open: (config, events, signal) => openConnection(config, events, means, signal),
          provide: (source, tools) => this.registry.provide(source, tools),
        }),
    );
    for (const server of this.servers) {
      this.registry.sources.add(server.name); // an agent may name its tools before they are known
      server.start();
    }
    await Promise.all(this.servers.map((server) => server.ready(MCP_START_WAIT_MS)));
  }

  /** After the runs have ended. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
    await this.dispatcher?.destroy();
  }
}

function readFile(file: string): ServerConfig[] {
  try {
    return readServersFile(file);
  } catch (error) {
    if (error instanceof YamlFileError)
      throw new StartError('MCP_SERVERS_FILE', `MCP_SERVERS_FILE is wrong. ${error.message}`, {
        cause: error,
      });
    throw error;
  }
}
