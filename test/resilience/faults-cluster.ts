import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AnsweringModel } from '../support/answering-model.js';
import { Line } from '../support/line.js';
import { RedisProcess } from '../support/redis-process.js';
import { freePort, newDataDir, ServerProcess } from '../support/server-process.js';
import { randomFrom } from '../support/cutting-proxy.js';
import { AGENTS_YAML, scriptFor } from './faults-script.js';
import { SEED } from './scenario.js';

const MAIN = fileURLToPath(new URL('../support/app-with-tools.mjs', import.meta.url));
/** How often a process is restarted that ends while it starts: the engine may be killed at that very moment. */
const START_TRIES = 5;
/** How often the first provider fails, of all requests. */
const FAILING = 0.12;

/** A process that is restarted when it is killed. */
export class Member {
  /** Starts that did not succeed. */
  failedStarts = 0;
  private up: Promise<void>;
  private killing = false;

  constructor(readonly server: ServerProcess) {
    this.up = this.rise();
  }

  /** Resolves when it runs. */
  ready(): Promise<void> {
    return this.up;
  }

  /** True if it ended without having been killed. */
  get hasCrashed(): boolean {
    return !this.killing && !this.server.isAlive;
  }

  /** `kill -9`, and a new start, which is not awaited. */
  async kill(): Promise<void> {
    this.killing = true;
    await this.server.kill9();
    this.up = this.rise();
    this.up.catch(() => undefined); // reported by `ready`
  }

  /** Stops it for some time: it does not know, and continues where it was. */
  stop(ms: number): void {
    const { pid } = this.server;
    process.kill(pid, 'SIGSTOP');
    setTimeout(() => {
      if (this.server.isAlive && this.server.pid === pid) process.kill(pid, 'SIGCONT');
    }, ms);
  }

  private async rise(): Promise<void> {
    this.killing = true;
    for (let left = START_TRIES; ; left--) {
      try {
        await this.server.restart();
        this.killing = false;
        return;
      } catch (error) {
        this.failedStarts++;
        if (left === 0 || this.server.isAlive) throw error;
      }
    }
  }
}

/**
 * Two processes that serve clients, two workers, one engine, one Redis, one model; with connections between them that
 * can be cut.
 */
export class Cluster {
  private constructor(
    readonly redis: RedisProcess,
    readonly model: AnsweringModel,
    readonly lines: { clients: Line; redis: Line; model: Line },
    readonly apis: readonly Member[],
    readonly workers: readonly Member[],
    /** Where the tool that must not run twice records what it does. */
    readonly toolLog: string,
  ) {}

  static async start(env: Record<string, string>): Promise<Cluster> {
    const dataDir = await newDataDir();
    const toolLog = path.join(dataDir, 'tool.log');
    await writeFile(toolLog, '');
    const redis = await RedisProcess.start();
    const agents = path.join(dataDir, 'agents.yaml');
    await writeFile(agents, AGENTS_YAML);
    const random = randomFrom(SEED + 2);
    const model = await AnsweringModel.start(scriptFor, () => (random() < FAILING ? random() : undefined));
    const doors = [await freePort(), await freePort()];
    const lines = {
      clients: await Line.start(...doors),
      redis: await Line.start(redis.port),
      model: await Line.start(model.port),
    };
    const shared = {
      ...env,
      ...builtElsewhere(),
      REDIS_URL: `redis://127.0.0.1:${lines.redis.port}`,
      AGENTS_FILE: agents,
      MODEL_CHAIN: 'openai:one,anthropic:two',
      OPENAI_BASE_URL: `http://127.0.0.1:${lines.model.port}/v1`,
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${lines.model.port}`,
      ANTHROPIC_API_KEY: 'test',
      TOOL_LOG: toolLog,
    };
    const launch = async (ROLE: string, port?: number): Promise<Member> => {
      const place = { dataDir, main: MAIN, ...(port !== undefined && { port }) };
      return new Member(await ServerProcess.prepare({ ...place, env: { ...shared, ROLE } }));
    };
    const apis = await Promise.all(doors.map((port) => launch('api', port)));
    const workers = await Promise.all([launch('worker'), launch('worker')]);
    const cluster = new Cluster(redis, model, lines, apis, workers, toolLog);
    await cluster.ready();
    return cluster;
  }

  /** Where clients connect: either process may answer. */
  get url(): string {
    return `http://127.0.0.1:${this.lines.clients.port}`;
  }

  get dataDir(): string {
    return this.members[0]?.server.dataDir ?? '';
  }

  get members(): Member[] {
    return [...this.apis, ...this.workers];
  }

  /** The worker that starts to run the tool that must not run twice; undefined if none does in time. */
  async nextBuyer(limitMs: number): Promise<Member | undefined> {
    const deadline = performance.now() + limitMs;
    const { size: before } = await stat(this.toolLog);
    while ((await stat(this.toolLog)).size === before) {
      if (performance.now() > deadline) return undefined;
      await delay(3);
    }
    const lines = (await readFile(this.toolLog, 'utf8')).trimEnd().split('\n');
    const { pid } = JSON.parse(lines.at(-1) ?? '{}') as { pid?: number };
    return this.workers.find(({ server }) => server.isAlive && server.pid === pid);
  }

  /** Resolves when every process runs. */
  async ready(): Promise<void> {
    await Promise.all(this.members.map((member) => member.ready()));
  }

  /** Stops what `cleanUpServers` does not. */
  async stop(): Promise<void> {
    await this.redis.kill9();
    await Promise.all(Object.values(this.lines).map((line) => line.stop()));
    await this.model.stop();
  }
}

/** `APP_MAIN` names another build. */
function builtElsewhere(): Record<string, string> {
  const main = process.env['APP_MAIN'];
  return main === undefined ? {} : { APP_DIST: path.dirname(main) };
}
