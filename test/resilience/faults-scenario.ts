import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import mongoose from 'mongoose';
import { randomFrom } from '../support/cutting-proxy.js';
import { enginesOf, killEngine } from '../support/server-process.js';
import { until } from '../support/until.js';
import { judgeTools } from './faults-check.js';
import { Cluster, type Member } from './faults-cluster.js';
import { describePlan, planFaults, type PlannedFault } from './faults-plan.js';
import { agentFor, questionOf } from './faults-script.js';
import { Load } from './load.js';
import { refusals } from './persistently.js';
import { SEED } from './scenario.js';
import type { Outcome } from './watched-run.js';

const CHATS = 4;
const LEASE_MS = 1500;
const CHECK_EVERY = 3;
const AIM_LIMIT_MS = 3000;

const ENV = {
  RUN_LEASE_MS: String(LEASE_MS),
  BUS_RECHECK_MS: '2000',
  STREAM_RETRY_MS: '20',
  MODEL_RETRIES: '10',
  START_TIMEOUT_MS: '20000',
};

/** What happens to which process. */
export interface FaultsOptions {
  title: string;
  faults: number;
  env: Record<string, string>;
}

/** How it went. */
export interface Judgement {
  violations: string[];
  /** Status and error code → how many runs ended that way. */
  outcomes: Record<string, number>;
}

/** A cluster under load that suffers a plan of faults. */
export class FaultsScenario {
  readonly load: Load;
  private readonly plan: PlannedFault[];
  private readonly random = randomFrom(SEED + 1);
  private readonly violations: string[] = [];
  private readonly since = performance.now();
  /** Faults that occurred while the tool ran that must not run twice. */
  private aimed = 0;
  private strayRecords = 0;

  private constructor(
    private readonly title: string,
    faults: number,
    readonly cluster: Cluster,
  ) {
    this.plan = planFaults({ seed: SEED + faults, faults, leaseMs: LEASE_MS });
    this.load = new Load(cluster.url, randomFrom(SEED), (chat, turn) => {
      const question = questionOf(chat, turn);
      return { question, agent: agentFor(question) };
    });
    process.stdout.write(`${title}, SEED=${SEED}: ${describePlan(this.plan)}\n`);
  }

  static async start({ title, faults, env }: FaultsOptions): Promise<FaultsScenario> {
    refusals.clear();
    return new FaultsScenario(title, faults, await Cluster.start({ ...ENV, ...env }));
  }

  /** The whole plan under load; resolves when everything runs again and all runs have ended. */
  async suffer(): Promise<void> {
    this.load.begin(CHATS);
    for (const [index, fault] of this.plan.entries()) {
      await this.load.moreEvents(fault.afterEvents, 1500);
      const buyer = fault.aimed ? await this.cluster.nextBuyer(AIM_LIMIT_MS) : undefined;
      if (buyer) this.aimed++;
      await delay(fault.afterMs);
      await this.bring(fault, buyer);
      if (index % CHECK_EVERY === 0) await this.load.check();
    }
    await this.cluster.ready();
    await this.load.drain().catch((error: unknown) => this.explain(error));
    await this.nothingIsOpen();
  }

  /** All broken promises. */
  async judge(): Promise<Judgement> {
    const { runs } = this.load;
    const ended = await Promise.all(runs.map(async (run) => ({ run, outcome: await run.checkOutcome() })));
    const { url, toolLog, model } = this.cluster;
    this.noteCrashes();
    const tools = await judgeTools(url, toolLog, ended);
    this.strayRecords = tools.strayRecords;
    const violations = [
      ...this.violations,
      ...runs.flatMap((run) => run.violations),
      ...tools.violations,
      ...model.violations,
      ...this.wrongRefusals(),
    ];
    const outcomes = tally(ended.map(({ outcome }) => outcome));
    this.report(outcomes, violations.length);
    return { violations, outcomes };
  }

  /** @param buyer the worker to hit, if the plan does not decide. */
  private async bring({ what, which, ms, share }: PlannedFault, buyer?: Member): Promise<void> {
    const { cluster } = this;
    const chosen = (): boolean => this.random() < share;
    switch (what) {
      case 'kill worker':
        return (buyer ?? (await this.alive(cluster.workers, which))).kill();
      case 'kill api':
        return (await this.alive(cluster.apis, which)).kill();
      case 'stop worker':
        (buyer ?? (await this.alive(cluster.workers, which))).stop(ms);
        return;
      case 'kill engine':
        await killEngine(cluster.dataDir);
        return;
      case 'kill redis':
        await cluster.redis.kill9();
        await delay(ms);
        return cluster.redis.restart();
      case 'flush redis':
        return cluster.redis.flush();
      case 'cut redis':
        cluster.lines.redis.cut(chosen, ms);
        return;
      case 'cut model':
        cluster.lines.model.cut(chosen, ms);
        return;
      case 'cut clients':
        cluster.lines.clients.cut(chosen, ms);
    }
  }

  /** One of two processes, once it runs. */
  private async alive(members: readonly Member[], which: number): Promise<Member> {
    this.noteCrashes();
    const member = members[which];
    if (!member) throw new Error('There are two of each.');
    await member.ready();
    return member;
  }

  private noteCrashes(): void {
    for (const member of this.cluster.members)
      if (member.hasCrashed) this.violations.push(`a process ended by itself:\n${member.server.tail}`);
  }

  /** While a process is dead nobody answers, and while the engine is, 503. Anything else is our fault. */
  private wrongRefusals(): string[] {
    const streams = this.load.runs.flatMap((run) => run.readers.flatMap((reader) => reader.refusals));
    const answers = [...new Set([...streams.map(String), ...refusals.keys()])];
    const wrong = answers.filter((answer) => answer !== 'network' && !answer.startsWith('503'));
    return wrong.map((answer) => `an answer was ${answer}\n${this.tails}`);
  }

  /** Everything that the processes have printed, as a file: the explanation of a failure. */
  async keepOutput(): Promise<void> {
    const file = path.join(os.tmpdir(), `reprise-faults-${SEED}-${this.plan.length}.log`);
    const engine = await readFile(path.join(this.cluster.dataDir, 'mongo/engine.log'), 'utf8').catch(String);
    const printed = this.cluster.members.map(({ server }) => server.output);
    const engines = JSON.stringify(await enginesOf(this.cluster.dataDir));
    await writeFile(file, [...printed, engine, engines].join('\n\n'));
    process.stdout.write(`what the processes printed: ${file}\n`);
  }

  private get tails(): string {
    return this.cluster.members.map(({ server }) => server.tail).join('\n\n');
  }

  private async explain(cause: unknown): Promise<never> {
    const open = this.load.runs.filter((run) => !run.isSeenWhole);
    const states = await Promise.all(open.map((run) => run.describe()));
    throw new Error(`SEED=${SEED}: ${String(cause)}\n${states.join('\n\n')}\n\n${this.tails}`, { cause });
  }

  /** No run is pending, processing or unsealed: looked up in the database itself. */
  private async nothingIsOpen(): Promise<void> {
    const [engine] = await enginesOf(this.cluster.dataDir);
    const connection = await mongoose.createConnection(engine?.uri ?? '', { dbName: 'reprise' }).asPromise();
    try {
      const messages = connection.collection('messages');
      await until('no run is open', async () => (await messages.countDocuments({ 'run.open': true })) === 0);
    } finally {
      await connection.close();
    }
  }

  /** The figures, for readers of the test's output. */
  private report(outcomes: Record<string, number>, violations: number): void {
    const { runs } = this.load;
    const { lines, members, model } = this.cluster;
    const readers = runs.flatMap((run) => run.readers);
    const events = runs.flatMap((run) => run.events);
    const figures = {
      seed: SEED,
      seconds: Math.round((performance.now() - this.since) / 1000),
      faults: this.plan.length,
      aimed: this.aimed,
      runs: outcomes,
      attempts_after_the_first: events.filter(
        (event) => event.type === 'status' && event.attempt !== undefined,
      ).length,
      outcomes_unknown: events.filter(
        (event) => event.type === 'tool_end' && event.error_code === 'outcome_unknown',
      ).length,
      events: events.length,
      seen: readers.reduce((sum, reader) => sum + reader.seen.length, 0),
      viewers: readers.length,
      connections: readers.reduce((sum, reader) => sum + reader.connections, 0),
      cuts: Object.fromEntries(Object.entries(lines).map(([name, line]) => [name, line.cuts])),
      stray_records: this.strayRecords,
      model_requests: model.asked,
      model_failures: Object.fromEntries(model.failures),
      agents_started: events.filter((event) => event.type === 'tool_start' && event.name === 'task').length,
      approvals: events.filter((event) => event.type === 'approval_resolved').length,
      failed_starts: members.reduce((sum, member) => sum + member.failedStarts, 0),
      requests_repeated: Object.fromEntries(refusals),
      violations,
    };
    process.stdout.write(`${this.title}: ${JSON.stringify(figures)}\n`);
  }
}

function tally(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, code = '' } of outcomes) {
    const name = `${status} ${code}`.trim();
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
