import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { MongoClient } from 'mongodb';

import { startEmbeddedMongo, type EmbeddedMongo, type EmbeddedMongoOptions } from '../src/index.js';

const CLI = fileURLToPath(new URL('../bin/embedded-mongo.js', import.meta.url));
const DURABLE = { writeConcern: { w: 'majority' as const, journal: true } };

const cleanups: (() => Promise<unknown>)[] = [];

/** Undoes what the helpers below created, in reverse order. */
export async function cleanUp(): Promise<void> {
  for (const undo of cleanups.splice(0).reverse()) await undo();
}

/** A fresh directory for this test. */
export async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'embedded-mongo-test-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return directory;
}

/** An engine that is stopped after the test. */
export async function start(
  directory: string,
  options: Partial<EmbeddedMongoOptions> = {},
): Promise<EmbeddedMongo> {
  const engine = await startEmbeddedMongo({ directory, ...options });
  cleanups.push(() => engine.stop());
  return engine;
}

/** A client that is closed after the test. */
export function clientOf({ uri }: { uri: string }): MongoClient {
  const client = new MongoClient(uri);
  cleanups.push(() => client.close());
  return client;
}

/** A durable collection of numbers. */
export function numbersOf(client: MongoClient) {
  return client.db('test').collection<{ _id: number }>('numbers', DURABLE);
}

/** Another process that uses the engine: the command line. */
export async function startCli(
  ...args: string[]
): Promise<{ process: ChildProcess; uri: string; pid: number }> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanups.push(() => Promise.resolve(child.kill('SIGKILL')));
  const [uri] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { process: child, uri, pid: child.pid! };
}

/** Runs the command line until it exits. */
export async function runCli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const run = promisify(execFile)(process.execPath, [CLI, ...args]);
  const { stdout, stderr } = await run.catch((error: unknown) => error as { stdout: string; stderr: string });
  return { code: run.child.exitCode!, stdout, stderr };
}

/** Settles when the condition holds; the test's own time limit is the limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(5);
}

/** Settles when this directory's host has logged its clean end this often. */
export async function untilEnded(directory: string, times = 1): Promise<void> {
  await until(async () => {
    const log = await readFile(path.join(directory, 'engine.log'), 'utf8');
    return log.split('\n').filter((line) => line.endsWith('] ended')).length >= times;
  });
}

/** Inserts 0, 1, 2, … on several connections until stopped; knows which ones were acknowledged. */
export class Writer {
  readonly acknowledged: number[] = [];
  #next = 0;
  #running = true;
  readonly #lanes: Promise<void>[];

  constructor(client: MongoClient, lanes = 8) {
    this.#lanes = Array.from({ length: lanes }, () => this.#write(numbersOf(client)));
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#lanes);
  }

  async #write(numbers: ReturnType<typeof numbersOf>): Promise<void> {
    while (this.#running) {
      const _id = this.#next++;
      await numbers.insertOne({ _id }).then(
        () => this.acknowledged.push(_id),
        () => undefined, // the engine was killed under it: nothing was promised
      );
    }
  }
}

/** The acknowledged numbers that are missing. */
export async function lost(writer: Writer, client: MongoClient): Promise<number[]> {
  const stored = new Set((await numbersOf(client).find().toArray()).map(({ _id }) => _id));
  return writer.acknowledged.filter((number) => !stored.has(number));
}
