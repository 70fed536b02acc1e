import { NestFactory } from '@nestjs/core';
import { Global, Module, type INestApplicationContext } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import type { EventBody } from '@reprise/protocol';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_TENANT } from '../../src/common/index.js';
import { McpModule, McpServers, type ServerState } from '../../src/mcp/index.js';
import { ConfigModule, loadSettings } from '../../src/platform/config/index.js';
import { ErasureModule } from '../../src/platform/erasure/index.js';
import { Corpus, ToolError, ToolRegistry, type ToolContext, type ToolResult } from '../../src/tools/index.js';
import { SmallCorpus } from '../agent/support.js';
import { testMongoUri } from '../support/app.js';
import { freePort } from '../support/server-process.js';
import { until } from '../support/until.js';

const require = createRequire(import.meta.url);
const packaged = (name: string): string =>
  path.join(path.dirname(require.resolve(`${name}/package.json`)), 'dist/index.js');

/** Programs of the real servers. */
export const EVERYTHING = packaged('@modelcontextprotocol/server-everything');
export const FILESYSTEM = packaged('@modelcontextprotocol/server-filesystem');
/** A program of `test/mcp/servers`. */
export const own = (name: string): string => fileURLToPath(new URL(`servers/${name}`, import.meta.url));

const folders = new Set<string>();
const children = new Set<ChildProcess>();

/** A new folder, removed by {@link cleanUp}. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'reprise-mcp-'));
  folders.add(folder);
  return folder;
}

/** A file of MCP servers. JSON is YAML. */
export async function serversFile(servers: Record<string, object>): Promise<string> {
  const file = path.join(await newFolder(), 'mcp.yaml');
  await writeFile(file, JSON.stringify({ servers }));
  return file;
}

/** Ends what tests have started. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...children].map(kill));
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
  folders.clear();
}

@Global()
@Module({ providers: [{ provide: Corpus, useClass: SmallCorpus }], exports: [Corpus] })
class CorpusModule {}

@Module({})
class TestModule {}

/** The MCP module with its registry. */
export interface McpWorld {
  context: INestApplicationContext;
  registry: ToolRegistry;
  /** State of a server. */
  state(server: string): ServerState;
  /** Resolves when a server is in this state. */
  becomes(server: string, status: ServerState['status']): Promise<void>;
  call(name: string, args?: unknown, context?: Partial<ToolContext>): Promise<ToolResult>;
  /** How a call fails: code and message. */
  failure(
    name: string,
    args?: unknown,
    context?: Partial<ToolContext>,
  ): Promise<{ code: string; message: string }>;
  close(): Promise<void>;
}

let calls = 0;

/** Starts the module with these servers. */
export async function startWorld(
  servers: Record<string, object>,
  env: Record<string, string> = {},
): Promise<McpWorld> {
  const settings = loadSettings({ MCP_SERVERS_FILE: await serversFile(servers), ...env });
  const root = {
    module: TestModule,
    imports: [
      ConfigModule.with(settings),
      MongooseModule.forRoot(testMongoUri(), { dbName: 'mcp' }),
      ErasureModule,
      CorpusModule,
      McpModule,
    ],
  };
  const context = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
  const registry = context.get(ToolRegistry, { strict: false });
  const mcp = context.get(McpServers, { strict: false });
  const state = (server: string): ServerState => {
    const found = mcp.state[server];
    if (!found) throw new Error(`There is no server ${server}.`);
    return found;
  };
  const call: McpWorld['call'] = (name, args = {}, more = {}) =>
    registry.call(name, typeof args === 'string' ? args : JSON.stringify(args), newContext(more));
  return {
    context,
    registry,
    state,
    becomes: async (server, status) => {
      await until(`${server} is ${status}`, () => state(server).status === status);
    },
    call,
    failure: async (...args) => {
      const error: unknown = await call(...args).then(
        (result) => new Error(`It did not fail: ${JSON.stringify(result).slice(0, 500)}`),
        (reason: unknown) => reason,
      );
      if (!(error instanceof ToolError)) throw error;
      return { code: error.code, message: error.message };
    },
    close: () => context.close(),
  };
}

/** What a tool gets in a run; `emitted` are its events. */
export function newContext(more: Partial<ToolContext> = {}): ToolContext & { emitted: EventBody[] } {
  const emitted: EventBody[] = [];
  return {
    tenant: DEFAULT_TENANT,
    chat_id: 'chat',
    message_id: 'a'.repeat(24),
    call_id: `call_${++calls}`,
    metadata: {},
    signal: new AbortController().signal,
    emit: (body) => {
      emitted.push(body);
      return Promise.resolve();
    },
    progress: (text) => {
      emitted.push({ type: 'status', text });
    },
    emitted,
    ...more,
  };
}

/** A server that is started with node, and listens on a port. */
export interface Listening {
  url: string;
  port: number;
  child: ChildProcess;
}

/** Starts a server and waits until it accepts connections. */
export async function listen(
  program: string,
  args: string[] = [],
  options: { port?: number; env?: Record<string, string> } = {},
): Promise<Listening> {
  const port = options.port ?? (await freePort());
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH, HOME, PORT: String(port), ...options.env },
    stdio: 'ignore',
  });
  children.add(child);
  await until(`${program} listens`, () => accepts(port));
  return { port, child, url: `http://127.0.0.1:${port}` };
}

/** kill -9; resolves when it has ended. */
export async function kill(child: ChildProcess): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
