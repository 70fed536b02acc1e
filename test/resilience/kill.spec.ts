import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../support/client.js';
import { cleanUpServers, killEngine } from '../support/server-process.js';
import { QUESTIONS } from './corpus.js';
import { newChat, startRun } from './load.js';
import { FULL, Scenario, SEED, type Fault } from './scenario.js';
import type { Outcome } from './watched-run.js';

const LIMIT_MS = FULL ? 600_000 : 120_000;
const STARTING_MS = 900;

let scenario: Scenario | undefined;

beforeAll(() => {
  process.stdout.write(`SEED=${SEED} (FULL=1: all faults)\n`);
});

afterEach(async () => {
  scenario?.load.stop();
  await cleanUpServers();
  scenario = undefined;
});

async function setup(env: Record<string, string>): Promise<Scenario> {
  scenario = await Scenario.start(env);
  return scenario;
}

/** The promises after the faults: all runs over, nothing lost, duplicated, torn or reordered. */
async function expectAllKept(title: string, now: Scenario): Promise<Outcome[]> {
  const outcomes = await now.outcomes();
  now.report(title, outcomes);
  expect(now.violations(outcomes)).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(0);
  await expectNewRunsWork(now);
  return outcomes;
}

async function expectNewRunsWork({ server }: Scenario): Promise<void> {
  const client = new Client(server.url);
  const run = await startRun(client, await newChat(client), QUESTIONS[0]!);
  await run.watch().done;
  expect((await run.checkOutcome()).status).toBe('completed');
  expect(run.violations).toEqual([]);
}

/** `kill -9` of the application; sometimes of its engine as well, sometimes once more while it starts. */
const killApplication: Fault = async (now) => {
  const kind = now.upTo(5);
  if (kind === 0 && (await killEngine(now.server.dataDir))) now.count('engine with application');
  await now.server.kill9();
  now.count('application');
  if (kind === 1) {
    void now.server.spawn();
    await delay(now.upTo(STARTING_MS)); // the moment within its start
    await now.server.kill9();
    now.count('application while it starts');
  }
  await now.server.restart();
};

/** `kill -9` of the engine; the application starts it again by itself. */
const killTheEngine: Fault = async (now) => {
  if (await killEngine(now.server.dataDir)) now.count('engine');
};

const restartInOrder: Fault = async (now) => {
  const exit = await now.server.terminate();
  expect(exit.code).toBe(0);
  now.count('SIGTERM');
  await now.server.restart();
};

describe('kill -9 of the application at random moments', () => {
  it(
    'ends a lost run with worker_lost if it has one attempt, and loses no event',
    async () => {
      const now = await setup({ RUN_MAX_ATTEMPTS: '1' });

      await now.suffer(killApplication, FULL ? 25 : 3, 400);

      const outcomes = await expectAllKept('kill -9, 1 attempt', now);
      const lost = outcomes.filter(({ status }) => status === 'error');
      expect(lost.length).toBeGreaterThan(0);
      expect(new Set(lost.map(({ code }) => code))).toEqual(new Set(['worker_lost']));
    },
    LIMIT_MS,
  );

  it(
    'continues a lost run to exactly the answer of an undisturbed one, and loses no event',
    async () => {
      const now = await setup({ RUN_MAX_ATTEMPTS: '3' });

      await now.suffer(killApplication, FULL ? 25 : 4, 700);

      const outcomes = await expectAllKept('kill -9, 3 attempts', now);
      const codes = outcomes.flatMap(({ code }) => (code === undefined ? [] : [code]));
      expect(new Set(['worker_lost', ...codes])).toEqual(new Set(['worker_lost']));
      expect(now.continued.some((run) => run.events.at(-1)?.type === 'end')).toBe(true);
    },
    LIMIT_MS,
  );
});

describe('kill -9 of the engine at random moments', () => {
  it(
    'is a pause: every run reaches its whole answer, and no event is lost',
    async () => {
      const now = await setup({ RUN_MAX_ATTEMPTS: '3' });

      await now.suffer(killTheEngine, FULL ? 50 : 8, 500);

      const outcomes = await expectAllKept('kill -9 of the engine', now);
      expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['completed']));
    },
    LIMIT_MS,
  );
});

describe('SIGTERM at random moments', () => {
  it(
    'shuts down gracefully each time, and the runs continue after the restart',
    async () => {
      const now = await setup({ RUN_MAX_ATTEMPTS: '100' });

      await now.suffer(restartInOrder, FULL ? 10 : 2, 300);

      const outcomes = await expectAllKept('SIGTERM', now);
      expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['completed']));
    },
    LIMIT_MS,
  );
});
