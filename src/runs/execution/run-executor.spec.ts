import type { Agent, AgentRun, JournaledCall } from '../../agent/index.js';
import type { RunHistories } from './run-history.js';
import { loadSettings } from '../../platform/config/index.js';
import type { OpenLog } from '../../streams/index.js';
import type { LeaseKeeper } from './lease-keeper.js';
import type { RunLifecycle } from './run-lifecycle.js';
import { RunExecutor } from './run-executor.js';
import { RunLog } from './run-log.js';
import type { RunParking } from './run-parking.js';
import type { HeldRun } from '../../run-record/index.js';

const OWN = { call_id: 'own', step: 1 } as JournaledCall;
const SUCCESSORS = { call_id: 'successors', step: 3 } as JournaledCall;

const nothing = (): Promise<void> => Promise.resolve();

/** A worker that continues a run and is paused at its first event for so long that another one takes the run over. */
async function takenWhileOpening(prior: OpenLog['prior']): Promise<AgentRun | undefined> {
  const journal = [OWN];
  let given: AgentRun | undefined;
  const writer = {
    emit: () => {
      journal.push(SUCCESSORS);
      return Promise.resolve();
    },
  };
  const { signal } = new AbortController();
  const log = new RunLog({ prior, writer, close: () => undefined } as unknown as OpenLog, signal);
  const run = {
    _id: { toHexString: () => 'a'.repeat(24) },
    status: 'processing',
    run: { attempt: 2, handovers: 0 },
  } as unknown as HeldRun;
  const agent = {
    run: (task: AgentRun) => {
      given = task;
      return Promise.resolve({});
    },
  };
  const watch = { opened: () => undefined, ended: () => undefined, left: () => undefined };
  const active = { run, signal, release: () => undefined, watch };
  const executor = new RunExecutor(
    agent as unknown as Agent,
    { open: () => Promise.resolve({ exchanges: [] }) } as unknown as RunHistories,
    { keep: () => active } as unknown as LeaseKeeper,
    {
      open: () => Promise.resolve(log),
      recorded: () => Promise.resolve(prior.length === 0 ? [] : [...journal]),
      confirm: nothing,
      close: nothing,
    } as unknown as RunLifecycle,
    {} as RunParking,
    loadSettings({}),
  );
  await executor.execute(run);
  return given;
}

describe('a worker that continues a run', () => {
  it('knows the tool calls that belong to the log it has read, not those of its successor', async () => {
    const task = await takenWhileOpening([{ type: 'start' } as OpenLog['prior'][number]]);
    expect(task?.recorded).toEqual([OWN]);
  });

  it('claims no calls as its own if the log is empty', async () => {
    expect((await takenWhileOpening([]))?.recorded).toEqual([]);
  });
});
