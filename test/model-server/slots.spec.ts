import { startRun } from '../resilience/load.js';
import { until } from '../support/until.js';
import { NEVER } from '../support/llama/habits.js';
import { ended, LIMIT_MS, ofType, setup, tearDown } from './setup.js';

afterEach(tearDown);

describe("a model server's slots", () => {
  it(
    'are free again when a run is cancelled',
    async () => {
      // Undisturbed it writes for minutes.
      const { client, model } = await setup({ longest: 100_000, habits: { end: NEVER, call: NEVER } });
      const run = await startRun(client, await client.newChat(), 'Write without end.');
      const stream = await client.stream(run.started);
      await stream.until('it answers', (event) => event.type === 'content');
      expect(await model.busySlots()).toBe(1);

      await client.cancel(run.started.message_id);

      await until('the slot is free', async () => (await model.busySlots()) === 0);
      run.watch();
      expect((await ended(run)).status).toBe('cancelled');
    },
    LIMIT_MS,
  );

  it(
    'are waited for: with one slot, five chats at once are all answered',
    async () => {
      const { client } = await setup({ slots: 1, habits: { end: -1, call: NEVER } });
      const runs = await Promise.all(
        [1, 2, 3, 4, 5].map(async (number) =>
          startRun(client, await client.newChat(`user${number}`), `Write text ${number}.`),
        ),
      );
      for (const run of runs) run.watch();

      const outcomes = await Promise.all(runs.map(ended));

      expect(outcomes.map(({ status }) => status)).toEqual(runs.map(() => 'completed'));
      // The server reports its number of slots: the others wait here, in order, not in its queue.
      const told = outcomes.map(({ events }) => ofType(events, 'status').map(({ text }) => text));
      const waited = told.filter((texts) => texts.some((text) => text.startsWith('Waiting for the model')));
      expect(waited.length).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );
});
