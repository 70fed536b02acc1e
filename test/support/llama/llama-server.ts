import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../server-process.js';
import { until, within } from '../until.js';
import type { Habits } from './habits.js';
import { llamaServer, type Program } from './llama-cpp.js';
import { tinyModel } from './tiny-model.js';

/** Options of a model server. */
export interface LlamaOptions {
  /** What its model tends to. */
  habits?: Habits;
  /** Answers that it works on at a time; 2 unless given. */
  slots?: number;
  /** Tokens of prompt and answer that fit into one slot; 16,384 unless given. */
  context?: number;
  /** Answers begin with a thought. */
  thinking?: boolean;
  /** Tokens after which it ends an answer by force; 12,000 unless given. */
  longest?: number;
  /** It gives texts their vectors, and answers nothing. */
  embeddings?: boolean;
}

const END_LIMIT_MS = 10_000;

const started = new Set<LlamaServer>();

/** A real model server, llama.cpp's, with a tiny random model. */
export class LlamaServer {
  /** Everything that all its instances have printed. */
  output = '';
  private child: ChildProcess | undefined;
  private exited: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly program: Program,
    private readonly options: LlamaOptions,
  ) {}

  /** A server that is ready to answer. */
  static async start(options: LlamaOptions = {}): Promise<LlamaServer> {
    const program = await llamaServer();
    const folder = await mkdtemp(path.join(os.tmpdir(), 'reprise-llama-'));
    const server = new LlamaServer(folder, await freePort(), program, options);
    started.add(server);
    await writeFile(server.modelFile, tinyModel(options.habits));
    await server.restart();
    return server;
  }

  /** Settings that make the application use this server. */
  get env(): Record<string, string> {
    return { OPENAI_BASE_URL: `${this.url}/v1`, OPENAI_MODEL: 'tiny' };
  }

  /** How many answers it works on now. */
  async busySlots(): Promise<number> {
    const response = await fetch(`${this.url}/slots`);
    const slots = (await response.json()) as { is_processing: boolean }[];
    return slots.filter((slot) => slot.is_processing).length;
  }

  /** Starts or restarts it on the same port; resolves when it is ready. */
  async restart(): Promise<void> {
    const { command, env } = this.program;
    const [file, ...before] = command;
    const child = spawn(file, [...before, ...this.arguments], { env: { ...process.env, ...env } });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.child = child;
    this.exited = once(child, 'close');
    await until('the model server is ready', () => {
      if (child.exitCode !== null)
        throw new Error(`The model server has ended:\n${this.output.slice(-3000)}`);
      return this.isReady();
    });
  }

  /** `kill -9`; resolves when it is gone. */
  async kill9(): Promise<void> {
    this.child?.kill('SIGKILL');
    await within('the model server is dead', this.exited, END_LIMIT_MS);
  }

  /** Stops it and removes its model. */
  async stop(): Promise<void> {
    await this.kill9();
    await rm(this.folder, { recursive: true, force: true });
    started.delete(this);
  }

  private get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  private get modelFile(): string {
    return path.join(this.folder, 'tiny.gguf');
  }

  private get arguments(): string[] {
    const { slots = 2, context = 16_384, thinking = false, longest = 12_000 } = this.options;
    const where = [
      '--model',
      this.modelFile,
      '--alias',
      'tiny',
      '--port',
      String(this.port),
      '--no-ui',
      '--offline',
    ];
    const size = ['--parallel', String(slots), '--ctx-size', String(context * slots), '--threads', '1'];
    // Random as the model is: nothing is cut off, or an answer would never end.
    const chance = ['--temp', '1', '--top-k', '0', '--top-p', '1', '--min-p', '0'];
    return [
      ...where,
      ...size,
      ...chance,
      '--predict',
      String(longest),
      '--reasoning',
      thinking ? 'on' : 'off',
      ...(this.options.embeddings === true ? ['--embeddings', '--pooling', 'mean'] : []),
    ];
  }

  private async isReady(): Promise<boolean> {
    const response = await fetch(`${this.url}/health`).catch(() => undefined);
    return response?.status === 200;
  }
}

/** Stops every model server; for `afterEach`. */
export async function stopLlamaServers(): Promise<void> {
  await Promise.all([...started].map((server) => server.stop()));
}
