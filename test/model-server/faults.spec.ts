import { Load, startRun } from '../resilience/load.js';
import { Client } from '../support/client.js';
import { randomFrom } from '../support/cutting-proxy.js';
import { NEVER } from '../support/llama/habits.js';
import { LlamaServer, type LlamaOptions } from '../support/llama/llama-server.js';
import type { WatchedRun } from '../resilience/watched-run.js';
import { cleanUpServers, ServerProcess } from '../support/server-process.js';
import { until, within } from '../support/until.js';
import { ended, LIMIT_MS, tearDown } from './setup.js';

let load: Load | undefined;

afterEach(async () => {
  load?.stop();
  load = undefined;
  await cleanUpServers();
  await tearDown();
});

async function setup(
  options: LlamaOptions,
): Promise<{ model: LlamaServer; server: ServerProcess; client: Client }> {
  const model = await LlamaServer.start(options);
  const server = await ServerProcess.start({
    env: { ...model.env, RUN_LEASE_MS: '2000', MODEL_RETRIES: '10' },
  });
  return { model, server, client: new Client(server.url) };
}

/** Some 1,500 characters. */
const LONG = { end: -2, call: NEVER };

describe('an answer of llama-server', () => {
  it(
    'continues when the model server is killed in the middle of it and comes back',
    async () => {
      const { model, client } = await setup({ habits: LONG });
      const run = await interrupted(client, () => model.kill9());
      await model.restart();

      const { status, events } = await ended(run);

      expect(status).toBe('completed');
      const hit = events.findIndex((event) => event.type === 'status');
      expect(events.slice(hit).some((event) => event.type === 'content')).toBe(true);
    },
    LIMIT_MS,
  );

  it(
    'continues when Reprise is killed in the middle of it and restarted',
    async () => {
      const { server, client } = await setup({ habits: LONG });
      const run = await interrupted(client, async () => {
        await server.kill9();
        await server.restart();
      });

      const { status, messageId } = await ended(run);

      expect(status).toBe('completed');
      expect((await client.message(messageId)).run.attempt).toBe(2);
    },
    LIMIT_MS,
  );
});

describe('runs that call tools of a model server', () => {
  it(
    'lose and repeat nothing for clients that come and go while model server and Reprise are killed',
    async () => {
      const { model, server } = await setup({ thinking: true, habits: { end: 0, call: 0, endOfThought: 2 } });
      load = new Load(server.url, randomFrom(1));
      load.begin(2);
      await load.moreEvents(20, 5000);
      await model.kill9();
      await model.restart();
      await load.moreEvents(20, 5000);
      await server.kill9();
      await server.restart();
      await load.moreEvents(20, 5000);

      await load.drain();

      const outcomes = await Promise.all(load.runs.map((run) => run.checkOutcome()));
      expect(load.runs.flatMap(({ violations }) => violations)).toEqual([]);
      expect(outcomes.filter(({ status }) => status !== 'completed')).toEqual([]);
      for (const { events } of load.runs) expect(openCalls(events)).toEqual([]);
    },
    LIMIT_MS,
  );
});

/** A run whose answer was interrupted by a fault; if chance made the answer too short for that, it is asked again. */
async function interrupted(client: Client, fault: () => Promise<void>): Promise<WatchedRun> {
  for (;;) {
    const run = await startRun(client, await client.newChat(), 'Write something long.');
    const began = new Promise<void>((resolve) => {
      run.watch(({ seen }) => {
        if (seen.at(-1)?.type === 'content') resolve();
      });
    });
    await within('the answer begins', began, LIMIT_MS);
    await fault();
    await until('the run ends or tells of the fault', async () => {
      await run.check();
      return run.hasEnded || isHit(run);
    });
    if (isHit(run)) return run;
  }
}

const isHit = (run: WatchedRun): boolean => run.events.some((event) => event.type === 'status');

function openCalls(events: Load['runs'][number]['events']): string[] {
  const closed = new Set(events.flatMap((event) => (event.type === 'tool_end' ? [event.call_id] : [])));
  return events.flatMap((event) =>
    event.type === 'tool_start' && !closed.has(event.call_id) ? [event.call_id] : [],
  );
}
