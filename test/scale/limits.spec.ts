import { startTestApp, type TestApp } from '../support/app.js';
import { Client, type Answer, type Created } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { until } from '../support/until.js';

let model: ScriptedModel;
let app: TestApp;
let client: Client;

async function start(env: Record<string, string>): Promise<void> {
  model = await ScriptedModel.start();
  app = await startTestApp({ ...model.env, ...env });
  client = new Client(app.url);
}

afterEach(async () => {
  await model.stop();
  await app.destroy();
});

/** A rejection that says when to come back, in the single form of errors. */
function expectRefusal({ status, headers, body }: Answer, code: string, expected: number): void {
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(body).toMatchObject({ code, status: expected, retryable: true });
  expect(status).toBe(expected);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
}

async function running(question: string): Promise<Created> {
  const run = await client.send(await client.newChat(), question);
  await model.next(question);
  return run;
}

describe('the maximum number of streams', () => {
  it('of one message: 429, until one of them has gone', async () => {
    await start({ STREAMS_MAX_PER_MESSAGE: '1' });
    const run = await running('one?');
    const reader = await client.stream(run);

    expectRefusal(await client.get(run.stream_url), 'too_many_streams_of_message', 429);

    const other = await client.stream(await running('other?'));
    expect(other.status).toBe(200);
    await reader.close();
    await other.close();
  });

  it('of one process: 503, and not one more if they come all at once', async () => {
    await start({ STREAMS_MAX: '3' });
    const run = await running('all?');
    const readers = await Promise.all(Array.from({ length: 12 }, () => client.stream(run)));

    const open = readers.filter(({ status }) => status === 200);
    expect(readers.filter(({ status }) => status === 503)).toHaveLength(9);
    expect(open).toHaveLength(3);
    expect(await client.metric('reprise_active_streams')).toBe(3);
    expectRefusal(await client.get(run.stream_url), 'too_many_streams', 503);
    await Promise.all(open.map((reader) => reader.close()));
  });
});

describe('the maximum number of runs', () => {
  it('in one chat: 429', async () => {
    await start({ QUEUE_MAX_PER_CHAT: '2' });
    const chat = await client.newChat();
    for (const content of ['1', '2']) await client.send(chat, content);

    const refused = await client.post(`/api/chats/${chat}/messages`, { content: '3' });

    expectRefusal(refused, 'chat_queue_full', 429);
    await client.send(await client.newChat(), 'elsewhere');
  });

  it('in all chats: 503', async () => {
    await start({ QUEUE_MAX: '2' });
    for (const content of ['1', '2']) await client.send(await client.newChat(), content);

    const refused = await client.post(`/api/chats/${await client.newChat()}/messages`, { content: '3' });

    expectRefusal(refused, 'queue_full', 503);
  });
});

describe('a process that falls behind', () => {
  it('is not ready, and is again when it has caught up', async () => {
    await start({ READY_MAX_LOOP_DELAY_MS: '250' });
    const ready = () => client.get('/health/ready');
    const lateReady = () => {
      const end = performance.now() + 600;
      while (performance.now() < end); // the application is in this process: nothing runs its loop now
      return ready();
    };

    const late = await until('it is not ready', async () => {
      const answer = await lateReady();
      return answer.status === 503 ? answer : undefined;
    });

    expect(late.body.details.process).toMatchObject({ status: 'down', reason: 'the event loop is late' });
    expect((await ready()).status).toBe(503); // reading the value changes nothing
    await until('it is ready again', async () => (await ready()).status === 200);
    expect((await client.get('/health/live')).status).toBe(200);
  });
});
