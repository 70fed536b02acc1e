import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until, within } from './until.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_LIMIT_MS = 40_000;
const END_LIMIT_MS = 20_000;

/** The built application. `APP_MAIN` names another build, e.g. one that was broken on purpose. */
const MAIN = process.env['APP_MAIN'] ?? path.join(ROOT, 'dist/main.js');

const servers = new Set<ServerProcess>();
const folders = new Set<string>();
const socketFolders = new Set<string>();

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: string | null;
  /** From asking it to stop (or starting it) until it had exited. */
  ms: number;
}

/** Options of a server; `dataDir` and `port` of another one make it share or follow that one. */
export interface ServerOptions {
  env?: Record<string, string>;
  dataDir?: string;
  port?: number;
  /** A program other than the application; prints "listens on" as well. */
  main?: string;
}

/** The real built application in a separate process, on a port and a data folder that survive its restarts. */
export class ServerProcess {
  /** Everything that all its instances have printed. */
  output = '';
  /** How long the last start took until it listened, ms. */
  startMs = 0;
  /** The longest of all its starts, ms. */
  slowestStartMs = 0;
  private child: ChildProcess | undefined;
  private exited: Promise<Exit> = Promise.resolve({ code: null, signal: null, ms: 0 });

  private constructor(
    readonly dataDir: string,
    readonly port: number,
    private readonly env: Record<string, string>,
    private readonly main: string,
  ) {}

  /** A server that listens. */
  static async start(options: ServerOptions = {}): Promise<ServerProcess> {
    const server = await ServerProcess.prepare(options);
    await server.restart();
    return server;
  }

  /** A server that is not started yet. */
  static async prepare(options: ServerOptions = {}): Promise<ServerProcess> {
    const { env = {}, dataDir, port, main = MAIN } = options;
    const server = new ServerProcess(dataDir ?? (await newDataDir()), port ?? (await freePort()), env, main);
    servers.add(server);
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Its process id while it runs. */
  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('The server does not run.');
    return this.child.pid;
  }

  /** True while its process exists, even if it is stopped. */
  get isAlive(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** Starts or restarts it on the same port and folder; resolves when it listens. */
  async restart(): Promise<void> {
    const since = performance.now();
    const exited = this.spawn();
    const listening = this.printed('listens on');
    const outcome = await within('the server listens', Promise.race([listening, exited]), START_LIMIT_MS);
    if (outcome) throw new Error(`The server ended at its start (${outcome.code}):\n${this.tail}`);
    this.startMs = performance.now() - since;
    this.slowestStartMs = Math.max(this.slowestStartMs, this.startMs);
    await enginesOf(this.dataDir); // remembers the folder of the engine's sockets, to be removed at the end
  }

  /** Starts it without waiting for anything. @returns how it ends. */
  spawn(): Promise<Exit> {
    const since = performance.now();
    const child = spawn(process.execPath, [this.main], {
      cwd: this.dataDir,
      env: {
        ...inherited(),
        PORT: String(this.port),
        DATA_DIR: this.dataDir,
        LOG_LEVEL: 'warn',
        CHAT_TITLES: 'off',
        HISTORY_SUMMARIES: 'off',
        ...this.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.child = child;
    this.exited = once(child, 'close').then(([code, signal]) => ({
      code,
      signal,
      ms: performance.now() - since,
    }));
    return this.exited;
  }

  /** `kill -9`; resolves when the process is gone. */
  async kill9(): Promise<void> {
    this.child?.kill('SIGKILL');
    await within('the server is dead', this.exited, END_LIMIT_MS);
  }

  /** SIGTERM; resolves when the process has exited by itself. */
  async terminate(): Promise<Exit> {
    const since = performance.now();
    this.child?.kill('SIGTERM');
    const exit = await within('the server ends after SIGTERM', this.exited, END_LIMIT_MS);
    return { ...exit, ms: performance.now() - since };
  }

  /** The newest lines it printed, for error messages. */
  get tail(): string {
    return this.output.slice(-3000);
  }

  private printed(text: string): Promise<undefined> {
    const from = this.output.length;
    return new Promise((resolve) => {
      this.child?.stdout?.on('data', () => {
        if (this.output.slice(from).includes(text)) resolve(undefined);
      });
    });
  }
}

/** The engine's process: the host of `libs/embedded-mongo`. */
export interface EngineProcess {
  pid: number;
  uri: string;
}

interface HostArgument {
  files: { directory: string; sockets: string; uri: string };
}

/** The engine processes of one data folder: one, or none; two for a moment when starts race. */
export async function enginesOf(dataDir: string): Promise<EngineProcess[]> {
  const directory = path.join(await realpath(dataDir), 'mongo');
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => engineAt(Number(pid), directory)));
  return found.filter((engine) => engine !== undefined);
}

/** `kill -9` of the engine; resolves when it is gone. @returns false if there was none. */
export async function killEngine(dataDir: string): Promise<boolean> {
  const victims = await enginesOf(dataDir);
  for (const { pid } of victims) kill9(pid);
  await until('the engine is dead', async () => {
    const left = new Set((await enginesOf(dataDir)).map(({ pid }) => pid));
    return !victims.some(({ pid }) => left.has(pid));
  });
  return victims.length > 0;
}

/** Kills every process and removes every folder that this file has created; for `afterEach`. */
export async function cleanUpServers(): Promise<void> {
  await Promise.all([...servers].map((server) => server.kill9()));
  servers.clear();
  for (const folder of folders) while (await killEngine(folder));
  for (const folder of [...folders, ...socketFolders]) await rm(folder, { recursive: true, force: true });
  folders.clear();
  socketFolders.clear();
}

/** A separate data folder. */
export async function newDataDir(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'reprise-resilience-'));
  folders.add(folder);
  return folder;
}

/**
 * A port that nobody listens on. Below the range from which outgoing connections take theirs: otherwise a client that
 * connects while the server is dead could get that very port, and connect to itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = net.createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => {
        resolve(false);
      });
      server.listen(port, '127.0.0.1', () => {
        resolve(true);
      });
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

async function engineAt(pid: number, directory: string): Promise<EngineProcess | undefined> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // gone, or a zombie
  const [script, argument] = command.split('\0').slice(-3);
  if (!script?.endsWith('embedded-mongo/dist/host.js') || !argument) return undefined;
  const { files } = JSON.parse(argument) as HostArgument;
  if (files.directory !== directory) return undefined;
  socketFolders.add(files.sockets);
  return { pid, uri: files.uri };
}

function kill9(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It exited by itself.
  }
}

/** Only the part of the environment that is needed to find programs and caches: no setting of the caller gets in. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'XDG_CACHE_HOME', 'TMPDIR', 'LANG'];
  const pairs = names.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
