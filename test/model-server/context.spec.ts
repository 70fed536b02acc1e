import { NEVER } from '../support/llama/habits.js';
import { ask, LIMIT_MS, setup, tearDown, type EndedRun } from './setup.js';

afterEach(tearDown);

/** The description of the tools takes half of it. */
const CONTEXT = 8192;
const MESSAGES = 5;

describe('a chat that outgrows the context of its model', () => {
  it(
    'continues: each question is answered with as much of the conversation as fits',
    async () => {
      const { client } = await setup({ context: CONTEXT, habits: { end: 0, call: NEVER } });
      const chatId = await client.newChat();
      const runs: EndedRun[] = [];
      for (let number = 0; number < MESSAGES; number++)
        runs.push(await ask(client, chatId, `${number} ${'word '.repeat(300)}`));

      expect(runs.map(({ status }) => status)).toEqual(runs.map(() => 'completed'));
      // A byte is a token here: the questions alone are too many.
      for (const { end } of runs) expect(end.usage.total_tokens).toBeLessThanOrEqual(CONTEXT);
    },
    LIMIT_MS,
  );

  it(
    'says that a question is too long by itself, and answers the next one',
    async () => {
      const { client } = await setup({ context: CONTEXT, habits: { end: 0, call: NEVER } });
      const chatId = await client.newChat();

      const long = await ask(client, chatId, 'x'.repeat(2 * CONTEXT));
      const next = await ask(client, chatId, 'And a short one?');

      expect(long).toMatchObject({ status: 'error', code: 'model_rejected' });
      expect(next.status).toBe('completed');
    },
    LIMIT_MS,
  );
});
