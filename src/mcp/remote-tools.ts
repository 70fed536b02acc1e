import { z } from 'zod';
import { Log } from '../platform/logging/index.js';
import {
  readArguments,
  ToolError,
  type ProvidedTool,
  type ToolContext,
  type ToolResult,
} from '../tools/index.js';
import {
  ConnectionFailure,
  type Connection,
  type ConnectionEvents,
  type ListedTools,
} from './connections/connection.js';
import { offer, type Offer, type OfferedTool } from './offered-tools.js';
import { ServerLink } from './server-link.js';
import type { ServerConfig } from './servers-schema.js';
import { toToolResult } from './tool-result.js';

/** A call that finds no connection waits this long for one, ms. */
const CONNECTION_WAIT_MS = 10_000;

const anyArguments = z.looseObject({});

/** How it stands with a server. */
export interface ServerState {
  status: 'connected' | 'connecting' | 'unavailable';
  /** Without it, `/health` fails. */
  required: boolean;
  /** Number of tools that are offered. */
  tools: number;
  /** Why there is no connection. */
  reason?: string;
  /** What is wrong with its tools, a sentence each. */
  faults?: readonly string[];
}

/** What the tools of a server need. */
export interface RemoteToolsMeans {
  open(server: ServerConfig, events: ConnectionEvents, signal: AbortSignal): Promise<Connection>;
  /** Makes the tools known. @returns the names that were refused. */
  provide(source: string, tools: readonly ProvidedTool[]): readonly string[];
}

/** The tools of one server. They stay known while it is away: their calls wait a while, then fail in words. */
export class RemoteTools {
  private readonly log = new Log('Mcp');
  private readonly link: ServerLink;
  private offered: Offer = { tools: [], faults: [] };

  constructor(
    private readonly server: ServerConfig,
    private readonly means: RemoteToolsMeans,
  ) {
    this.link = new ServerLink(server.name, {
      open: (events, signal) => means.open(server, events, signal),
      listed: (tools) => {
        this.adopt(tools);
      },
    });
  }

  get name(): string {
    return this.server.name;
  }

  get state(): ServerState {
    const { tools, faults } = this.offered;
    const about = { ...this.link.state, required: this.server.required, tools: tools.length };
    return faults.length > 0 ? { ...about, faults } : about;
  }

  /** Begins to connect, in the background. */
  start(): void {
    this.link.start();
  }

  /** Resolves when the server is connected, or after `ms`. */
  async ready(ms: number): Promise<void> {
    await this.link.connected(ms);
  }

  /** Ends the connection; takes a few seconds at most. */
  stop(): Promise<void> {
    return this.link.stop();
  }

  private adopt(listed: ListedTools): void {
    const { tools, faults } = offer(this.server, listed);
    const provided = tools.map((tool) => ({
      info: tool.info,
      run: (text: string, context: ToolContext) => this.run(tool, text, context),
    }));
    const refused = new Set(this.means.provide(this.server.name, provided));
    const taken = [...refused].map((name) => `The name ${name} is taken by another tool.`);
    this.offered = {
      tools: tools.filter(({ info }) => !refused.has(info.name)),
      faults: [...faults, ...taken],
    };
    for (const fault of this.offered.faults)
      this.log.warn('A tool of an MCP server is not offered', { server: this.name, fault });
  }

  private async run(tool: OfferedTool, text: string, context: ToolContext): Promise<ToolResult> {
    const args = readArguments(anyArguments, text);
    try {
      return await this.attempt(tool, args, context);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof ConnectionFailure)) throw error;
      if (!mayRepeat(error, tool)) throw this.explain(error);
    }
    context.progress(`Calling ${tool.info.label ?? tool.info.name} again: the connection was lost`);
    try {
      return await this.attempt(tool, args, context);
    } catch (error) {
      context.signal.throwIfAborted();
      throw error instanceof ConnectionFailure ? this.explain(error) : error;
    }
  }

  /** @throws ConnectionFailure; ToolError if the tool itself failed. */
  private async attempt(
    { remote, info }: OfferedTool,
    args: Record<string, unknown>,
    context: ToolContext,
  ): Promise<ToolResult> {
    const connection = await this.link.connected(CONNECTION_WAIT_MS);
    const { call_id: id, signal, traceparent } = context;
    signal.throwIfAborted();
    if (!connection) throw new ConnectionFailure('away', this.link.state.reason ?? 'it is not connected yet');
    try {
      return toToolResult(
        await connection.call(remote.name, args, {
          id,
          signal,
          traceparent,
          progress: (text) => {
            context.progress(`${info.label ?? info.name}: ${text}`);
          },
        }),
      );
    } catch (error) {
      if (error instanceof ConnectionFailure) await this.settle(error, connection, info.idempotent);
      throw error;
    }
  }

  /** A connection that takes no more calls is dropped. One broken stream does not say so: the server is asked. */
  private async settle(
    { kind }: ConnectionFailure,
    connection: Connection,
    willRepeat = false,
  ): Promise<void> {
    if (kind === 'not_sent' || kind === 'session_lost') this.link.drop(connection);
    if (kind !== 'lost') return;
    const checked = connection.check().then((isAlive) => {
      if (!isAlive) this.link.drop(connection);
    });
    if (willRepeat) await checked;
  }

  private explain({ kind, message }: ConnectionFailure): ToolError {
    const server = `the MCP server "${this.server.name}"`;
    const [text, code] = EXPLANATIONS[kind](server, message);
    return new ToolError(text, code);
  }
}

/** A call that was never sent does no harm; the others only if the tool says so. A result above the limit stays above. */
function mayRepeat({ kind }: ConnectionFailure, { info }: OfferedTool): boolean {
  if (kind === 'not_sent') return true;
  return (kind === 'session_lost' || kind === 'lost') && info.idempotent === true;
}

const EXPLANATIONS: Record<ConnectionFailure['kind'], (server: string, why: string) => [string, string]> = {
  away: (server, why) => [
    `The call was not made, because ${server} is not available: ${why}.`,
    'server_unavailable',
  ],
  not_sent: (server, why) => [`The call could not be sent to ${server}: ${why}.`, 'server_unavailable'],
  session_lost: (server) => [
    `The call was refused, because ${server} had forgotten the session. There is a new one: the call can be made again.`,
    'session_lost',
  ],
  lost: (server, why) => [
    `The connection to ${server} was lost during the call (${why}). Whether the tool has done its work is unknown.`,
    'outcome_unknown',
  ],
  too_large: (_server, why) => [why, 'result_too_large'],
  refused: (server, why) => [`There is no result from ${server}: ${why}.`, 'server_failed'],
};
