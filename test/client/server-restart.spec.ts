import type { StreamEvent } from '@reprise/protocol';
import { initialState, reduce, RepriseClient } from '@reprise/client';
import { ScriptedModel } from '../support/scripted-model.js';
import { cleanUpServers, ServerProcess } from '../support/server-process.js';
import { within } from '../support/until.js';

const LIMIT_MS = 90_000;

describe('a server that is killed while it is followed', () => {
  let model: ScriptedModel;
  beforeAll(async () => {
    model = await ScriptedModel.start();
  });
  afterAll(async () => {
    await cleanUpServers();
    await model.stop();
  });

  it(
    'is found again, and the run that continues there arrives whole',
    async () => {
      const env = { ...model.env, RUN_LEASE_MS: '1000', STREAM_RETRY_MS: '50' };
      const server = await ServerProcess.start({ env });
      const client = new RepriseClient({ baseUrl: server.url });
      const { chat_id } = await client.createChat({ userId: 'alice' });
      const run = await client.send({ chatId: chat_id, content: 'Tell me a story.' });
      const first = await model.next();
      first.text('Once upon a time');

      const connections: string[] = [];
      const events: StreamEvent[] = [];
      const onConnection = ({ state }: { state: string }): unknown => connections.push(state);
      const killAndRestart = async (): Promise<void> => {
        await server.kill9();
        await server.restart();
        (await model.next()).text(' there was a server.').finish();
      };
      let restarted: Promise<void> | undefined;
      const follow = async (): Promise<void> => {
        for await (const event of client.follow(run, { onConnection })) {
          events.push(event);
          if (event.type === 'content') restarted ??= killAndRestart();
        }
      };
      await within('the run is followed to its end', follow(), LIMIT_MS - 20_000);
      await restarted;

      expect(events).toEqual(await client.listEvents(run.message_id));
      expect(events.reduce(reduce, initialState)).toMatchObject({
        status: 'completed',
        content: 'Once upon a time there was a server.',
      });
      expect((await client.getMessage(run.message_id)).run?.attempt).toBe(2);
      expect(connections).toContain('waiting');
    },
    LIMIT_MS,
  );
});
