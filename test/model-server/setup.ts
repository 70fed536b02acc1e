import type { StreamEvent } from '@reprise/protocol';
import { startRun } from '../resilience/load.js';
import type { Outcome, WatchedRun } from '../resilience/watched-run.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { LlamaServer, stopLlamaServers, type LlamaOptions } from '../support/llama/llama-server.js';
import { within } from '../support/until.js';

/** For a whole test; the very first start fetches the model server. */
export const LIMIT_MS = 300_000;
/** For one run, on a machine that has other things to do. */
const RUN_LIMIT_MS = 150_000;

const QUESTION = 'Write something.';

const apps: TestApp[] = [];

/** A model server and the application that uses it. */
export interface World {
  model: LlamaServer;
  client: Client;
}

/** Starts both. */
export async function setup(options: LlamaOptions = {}, env: Record<string, string> = {}): Promise<World> {
  const model = await LlamaServer.start(options);
  const app = await startTestApp({ ...model.env, ...env });
  apps.push(app);
  return { model, client: new Client(app.url) };
}

/** Stops what {@link setup} started; for `afterEach`. */
export async function tearDown(): Promise<void> {
  await Promise.all(apps.splice(0).map((app) => app.destroy()));
  await stopLlamaServers();
}

/** A run that has ended and kept its promises. */
export interface EndedRun extends Outcome {
  messageId: string;
  events: StreamEvent[];
  end: StreamEvent<'end'>;
}

/** Asks something and waits for the end of its run. */
export async function ask(client: Client, chatId: string, question = QUESTION): Promise<EndedRun> {
  const run = await startRun(client, chatId, question);
  run.watch();
  return ended(run);
}

/** Waits until every client of the run has seen its end. */
export async function ended(run: WatchedRun): Promise<EndedRun> {
  const all = Promise.all(run.readers.map(({ done }) => done));
  await within('the run ends', all, RUN_LIMIT_MS).catch(async (error: unknown) => {
    throw new Error(await run.describe(), { cause: error });
  });
  const outcome = await run.checkOutcome();
  expect(run.violations).toEqual([]);
  const { events } = run;
  const end = ofType(events, 'end')[0];
  if (end === undefined) throw new Error('The log has no end.');
  return { ...outcome, messageId: run.started.message_id, events, end };
}

/** The events of one type. */
export function ofType<T extends StreamEvent['type']>(
  events: readonly StreamEvent[],
  type: T,
): Extract<StreamEvent, { type: T }>[] {
  return events.filter((event): event is Extract<StreamEvent, { type: T }> => event.type === type);
}
