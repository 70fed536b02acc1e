import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { StreamEvent } from '@reprise/protocol';
import mongoose from 'mongoose';
import { Client, answerOf } from '../support/client.js';
import { randomFrom } from '../support/cutting-proxy.js';
import { enginesOf, ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';
import { loadCorpus, QUESTIONS } from './corpus.js';
import { Load, newChat, startRun } from './load.js';
import { refusals } from './persistently.js';
import type { Outcome, WatchedRun } from './watched-run.js';

const CHATS = 3;

/** Seed of all schedules; `SEED=… npm run test:resilience` replays them. */
export const SEED = Number(process.env['SEED'] ?? randomInt(2 ** 31));

/** True for the full number of faults. */
export const FULL = process.env['FULL'] === '1';

/** What an undisturbed run answers to each question: the same in every scenario, as their documents are the same. */
const expectedAnswers = new Map<string, string>();

/** One fault and the recovery from it, as far as the scenario itself must trigger it. */
export type Fault = (scenario: Scenario) => Promise<void>;

/** A server under load that suffers faults. */
export class Scenario {
  readonly load: Load;
  /** Faults suffered, by name. */
  readonly faults: Record<string, number> = {};

  private constructor(
    readonly server: ServerProcess,
    readonly random: () => number,
  ) {
    this.load = new Load(server.url, random);
  }

  /** A server with documents, and with its answers when nothing happens. */
  static async start(env: Record<string, string>): Promise<Scenario> {
    const fast = { RUN_LEASE_MS: '2000', STREAM_RETRY_MS: '20', RUN_CONCURRENCY: '32' };
    const server = await ServerProcess.start({ env: { ...fast, ...env } });
    const scenario = new Scenario(server, randomFrom(SEED));
    await loadCorpus(new Client(server.url));
    if (expectedAnswers.size === 0) await Promise.all(QUESTIONS.map((question) => scenario.ask(question)));
    refusals.clear();
    return scenario;
  }

  /**
   * Triggers faults, each after up to `spacing` events; after each one, checks that everything that was ever seen is
   * there.
   */
  async suffer(fault: Fault, times: number, spacing: number): Promise<void> {
    this.load.begin(CHATS);
    for (let count = 0; count < times; count++) {
      await this.load.moreEvents(this.upTo(spacing), 5000);
      await delay(this.upTo(20)); // anywhere between two events; the schedule's own moment
      await fault(this);
      await this.load.check();
    }
    await this.load.drain().catch((error: unknown) => this.explain(error));
  }

  /** Records a fault. */
  count(name: string): void {
    this.faults[name] = (this.faults[name] ?? 0) + 1;
  }

  /** Runs that a later attempt continued. */
  get continued(): WatchedRun[] {
    return this.load.runs.filter((run) => run.events.some((event) => isContinuation(event)));
  }

  /** A random number from 0 to below `limit`. */
  upTo(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  /** How every run ended, once nothing is left undone. @throws if some run has not ended. */
  async outcomes(): Promise<Outcome[]> {
    await this.nothingIsOpen();
    return Promise.all(this.load.runs.map((run) => run.checkOutcome()));
  }

  /** Broken promises. An answer is complete if the run completed, and otherwise the beginning of one. */
  violations(outcomes: readonly Outcome[]): string[] {
    const wrong = outcomes.flatMap(({ status, text }, index) => {
      const { question = '', message_id } = this.load.runs[index]?.started ?? {};
      const expected = expectedAnswers.get(question) ?? '';
      const isRight = status === 'completed' ? text === expected : expected.startsWith(text);
      return isRight ? [] : [`${message_id} (${status}) says:\n${text}\ninstead of:\n${expected}`];
    });
    return [...this.load.runs.flatMap((run) => run.violations), ...wrong, ...this.wrongRefusals];
  }

  /** While the server is dead nobody answers, and while the engine is, 503. Anything else is our fault. */
  private get wrongRefusals(): string[] {
    const streams = this.load.runs.flatMap((run) => run.readers.flatMap((reader) => reader.refusals));
    const answers = [...streams.map(String), ...refusals.keys()];
    const wrong = answers.filter((answer) => answer !== 'network' && !answer.startsWith('503'));
    return wrong.map((answer) => `an answer was ${answer}\n${this.server.tail}`);
  }

  /** The figures, for readers of the test's output. */
  report(title: string, outcomes: readonly Outcome[]): void {
    const { runs } = this.load;
    const tally: Record<string, number> = {};
    for (const { status, code = '' } of outcomes) {
      const name = `${status} ${code}`.trim();
      tally[name] = (tally[name] ?? 0) + 1;
    }
    const readers = runs.flatMap((run) => run.readers);
    const statuses = readers.flatMap((reader) => reader.refusals);
    const figures = {
      seed: SEED,
      faults: this.faults,
      runs: tally,
      continued: this.continued.length,
      events: runs.reduce((sum, run) => sum + run.log.length, 0),
      seen: readers.reduce((sum, reader) => sum + reader.seen.length, 0),
      viewers: readers.length,
      connections: readers.reduce((sum, reader) => sum + reader.connections, 0),
      streams_refused: statuses,
      slowest_start_ms: Math.round(this.server.slowestStartMs),
      requests_repeated: Object.fromEntries(refusals),
      violations: this.violations(outcomes).length,
    };
    process.stdout.write(`${title}: ${JSON.stringify(figures)}\n`);
  }

  private async explain(cause: unknown): Promise<never> {
    await this.load.check();
    const open = this.load.runs.filter((run) => !run.isSeenWhole);
    const states = await Promise.all(open.map((run) => run.describe()));
    throw new Error(`${String(cause)}\n${states.join('\n\n')}\n\n${this.server.tail}`, { cause });
  }

  /** Asks in a new chat and records the answer as the right one. */
  private async ask(question: string): Promise<void> {
    const client = new Client(this.server.url);
    const run = await startRun(client, await newChat(client), question);
    await run.watch().done;
    await run.check();
    expectedAnswers.set(question, answerOf(run.events));
  }

  /** No run is pending, processing or unsealed: looked up in the database itself. */
  private async nothingIsOpen(): Promise<void> {
    const [engine] = await enginesOf(this.server.dataDir);
    const connection = await mongoose.createConnection(engine?.uri ?? '', { dbName: 'reprise' }).asPromise();
    try {
      const messages = connection.collection('messages');
      await until('no run is open', async () => (await messages.countDocuments({ 'run.open': true })) === 0);
    } finally {
      await connection.close();
    }
  }
}

const isContinuation = (event: StreamEvent): boolean =>
  event.type === 'status' && event.attempt !== undefined;
