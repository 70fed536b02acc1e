import { startTestApp, type TestApp } from '../../support/app.js';
import { Client, openDatabase, type Database } from '../../support/client.js';
import { setStage, type Stage } from '../../conformance/setup.js';
import { RawStream } from '../../support/raw-stream.js';
import { eventsIn, textIn } from './reader.js';

const MINUTE_MS = 60_000;

describe('a session', () => {
  let stage: Stage;
  let other: TestApp;
  let database: Database;

  beforeAll(async () => {
    stage = await setStage();
    other = await startTestApp(stage.app.env); // another process of the deployment, as far as the database can tell
    database = await openDatabase(stage.app);
  });
  afterAll(async () => {
    await database.close();
    await other.stop();
    await stage.close();
  });

  /** As if all that has happened in the chat had happened earlier. */
  async function age(id: string, ms: number): Promise<void> {
    const chats = database.connection.collection<{ _id: string }>('chats');
    const earlier = (field: string) => ({ $subtract: [`$${field}`, ms] });
    const change = { updated_at: earlier('updated_at'), last_message_at: earlier('last_message_at') };
    await chats.updateOne({ _id: id }, [{ $set: change }]);
  }

  const said = async (url: string, message: string, session_id?: string): Promise<RawStream> => {
    const stream = await RawStream.post(`${url}/chat/stream`, { message, session_id });
    if (stream.status === 200) (await stage.model.next(message)).text('x').finish();
    return stream.end();
  };
  const begun = async (message: string): Promise<string> =>
    String((await said(stage.app.url, message)).headers['x-session-id']);
  const expiry = async (url: string, id: string): Promise<number> =>
    Date.parse((await new Client(url).get(`/chat/session/${id}`)).body.expires_at);

  it('lives on with each message and answer, in every process', async () => {
    const id = await begun('one');
    await age(id, 29 * MINUTE_MS);
    const before = await expiry(other.url, id);
    expect((await said(other.url, 'two', id)).status).toBe(200);
    expect(await expiry(stage.app.url, id)).toBeGreaterThanOrEqual(before + 29 * MINUTE_MS);
    expect(await expiry(other.url, id)).toBe(await expiry(stage.app.url, id));
  });

  it('has expired in every process, and after a restart, when nothing happened for SESSION_TTL_MS', async () => {
    const id = await begun('old');
    await age(id, 31 * MINUTE_MS);
    const restarted = await startTestApp(stage.app.env);
    for (const { url } of [stage.app, other, restarted]) {
      const refused = await said(url, 'more', id);
      expect([refused.status, eventsIn(refused.text)]).toEqual([
        410,
        [
          {
            type: 'error',
            data: { code: 'session_expired', message: expect.stringContaining(id), retryable: false },
          },
        ],
      ]);
      for (const path of [`/chat/session/${id}`, `/chat/session/${id}/history`])
        expect((await new Client(url).get(path)).body).toMatchObject({
          status: 410,
          code: 'session_expired',
        });
    }
    await restarted.stop();
  });

  it('that has expired is still a chat, and lives again when something happens in it there', async () => {
    const id = await begun('left');
    await age(id, 31 * MINUTE_MS);
    expect(await stage.client.history(id)).toHaveLength(2);
    const run = await stage.client.send(id, 'back');
    (await stage.model.next('back')).text('x').finish();
    await stage.client.ended(run);
    expect((await said(other.url, 'again', id)).status).toBe(200);
  });

  it('does not expire while it is being answered', async () => {
    const stream = await RawStream.post(`${stage.app.url}/chat/stream`, { message: 'long' });
    const answer = await stage.model.next('long');
    const id = String(stream.headers['x-session-id']);
    await age(id, 31 * MINUTE_MS);
    expect((await stage.client.get(`/chat/session/${id}`)).status).toBe(200);
    answer.text('Done.').finish();
    expect(textIn((await stream.end()).text)).toBe('Done.');
    expect((await stage.client.get(`/chat/session/${id}`)).status).toBe(200);
  });
});

it('expires after SESSION_TTL_MS', async () => {
  const stage = await setStage({ SESSION_TTL_MS: '1' });
  const { body } = await stage.client.post('/chat/session');
  expect(Date.parse(body.expires_at) - Date.parse(body.created_at)).toBe(1);
  await stage.close();
});
