import { Client } from '../support/client.js';
import { cleanUpServers } from '../support/server-process.js';
import { answerTo } from './faults-script.js';
import { FaultsScenario } from './faults-scenario.js';
import { newChat, startRun } from './load.js';
import { FULL, SEED } from './scenario.js';

const LIMIT_MS = FULL ? 1_800_000 : 120_000;
/** A new message is answered within this time once everything runs again. */
const AFTERWARDS_MS = 10_000;

let scenario: FaultsScenario | undefined;

beforeAll(() => {
  process.stdout.write(`SEED=${SEED} (FULL=1: all faults)\n`);
});

afterEach(async () => {
  scenario?.load.stop();
  await cleanUpServers();
  await scenario?.cluster.stop();
  scenario = undefined;
});

/** Runs the faults. @param endings status and error code that runs may have. */
async function sufferAndCheck(now: FaultsScenario, endings: readonly string[]): Promise<void> {
  scenario = now;
  try {
    await now.suffer();
    const { violations, outcomes } = await now.judge();
    expect({ SEED, violations }).toEqual({ SEED, violations: [] });
    const unwanted = Object.keys(outcomes).filter((ending) => !endings.includes(ending));
    expect({ SEED, unwanted }).toEqual({ SEED, unwanted: [] });
    await expectNewRunWorks(now);
  } catch (error) {
    await now.keepOutput();
    throw error;
  }
}

async function expectNewRunWorks({ cluster }: FaultsScenario): Promise<void> {
  const client = new Client(cluster.url);
  const question = 'Order 99-0, please.';
  const since = performance.now();
  const run = await startRun(client, await newChat(client), question);
  await run.watch().done;
  expect(performance.now() - since).toBeLessThan(AFTERWARDS_MS);
  const { status, text } = await run.checkOutcome();
  expect({ status, text }).toEqual({ status: 'completed', text: answerTo(question) });
  expect(run.violations).toEqual([]);
}

describe('random faults in two apis, two workers, Redis and engine', () => {
  it(
    'lose, duplicate and reorder nothing, and every run with enough attempts completes',
    async () => {
      const env = { RUN_MAX_ATTEMPTS: '100' };
      const now = await FaultsScenario.start({ title: 'faults', faults: FULL ? 250 : 15, env });

      await sufferAndCheck(now, ['completed']);
    },
    LIMIT_MS,
  );

  (FULL ? it : it.skip)(
    'end a run in order that lost its worker too often',
    async () => {
      const now = await FaultsScenario.start({ title: 'default attempts', faults: 50, env: {} });

      await sufferAndCheck(now, ['completed', 'error worker_lost']);
    },
    LIMIT_MS,
  );
});
