import type { ServerResponse } from 'node:http';
import type { StreamEvent } from '@reprise/protocol';
import { startTestApp, type TestApp } from '../support/app.js';
import { answerOf, Client, type Created } from '../support/client.js';
import { frame, Provider, refuses, stream, type Answer } from '../support/provider.js';
import { until } from '../support/until.js';

// How many requests are in flight at a model server, and which ones wait.

let provider: Provider;
let app: TestApp;
let client: Client;
let open: { question: string; response: ServerResponse }[];

const holds: Answer = ({ body }, response) => {
  open.push({ question: body.messages.at(-1).content, response });
};

async function setup(env: Record<string, string>, ...answers: Answer[]) {
  open = [];
  provider = await Provider.start(...(answers.length > 0 ? answers : [holds]));
  app = await startTestApp({ ...provider.env, ...env });
  client = new Client(app.url);
}

afterEach(async () => {
  for (const { response } of open) response.destroy();
  await app.destroy();
  await provider.stop();
});

async function send(...questions: string[]): Promise<Created[]> {
  const sent: Created[] = [];
  for (const question of questions) {
    const created = await client.send(await client.newChat(), question);
    sent.push(created);
    await until('it waits or is asked', async () => {
      const events = await client.replay(created.message_id);
      return events.some(waits) || open.some((each) => each.question === question);
    });
  }
  return sent;
}

const waits = (event: StreamEvent): boolean => event.type === 'status' && event.text.startsWith('Waiting');
const waiting = async ({ message_id }: Created): Promise<string[]> =>
  (await client.replay(message_id)).filter(waits).map((event) => (event as StreamEvent<'status'>).text);

async function answerNext(text = 'ok'): Promise<string> {
  const next = await until('the model is asked', () => open.shift());
  stream(next.response).end(`${frame({ content: text })}${frame({}, 'stop')}data: [DONE]\n\n`);
  return next.question;
}

describe('MODEL_CONCURRENCY', () => {
  it('queues requests in order, says how many are ahead, and times out nobody who waits', async () => {
    await setup({ MODEL_CONCURRENCY: '1', MODEL_TIMEOUT_MS: '4000', MODEL_RETRIES: '0' });
    const runs = await send('a', 'b', 'c', 'd');
    expect(await Promise.all(runs.map(waiting))).toEqual([
      [],
      ['Waiting for the model: 1 ahead'],
      ['Waiting for the model: 2 ahead'],
      ['Waiting for the model: 3 ahead'],
    ]);
    expect(provider.asked).toHaveLength(1);
    const order = [await answerNext(), await answerNext(), await answerNext(), await answerNext()];
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    for (const run of runs) expect(answerOf(await client.ended(run))).toBe('ok');
  });

  it('frees its place at once on cancel', async () => {
    await setup({ MODEL_CONCURRENCY: '1' });
    const [first, second, third] = (await send('a', 'b', 'c')) as [Created, Created, Created];
    await client.cancel(second.message_id);
    expect((await client.ended(second)).at(-1)).toMatchObject({ type: 'end', status: 'cancelled' });
    expect(await answerNext()).toBe('a');
    expect(await answerNext()).toBe('c');
    expect(answerOf(await client.ended(first))).toBe('ok');
    expect(answerOf(await client.ended(third))).toBe('ok');
    expect(provider.asked).toHaveLength(2);
  });

  it('does not outlast the time limit of a run', async () => {
    await setup({ MODEL_CONCURRENCY: '1', RUN_TIMEOUT_MS: '1500' });
    const [, second] = (await send('a', 'b')) as [Created, Created];
    expect((await client.ended(second)).find(({ type }) => type === 'error')).toMatchObject({
      code: 'run_timeout',
    });
  });

  it('frees the slot of a cancelled answer for the next', async () => {
    await setup({ MODEL_CONCURRENCY: '1' });
    const [first, second] = (await send('a', 'b')) as [Created, Created];
    await client.cancel(first.message_id);
    await until('the next is asked', () => open.some(({ question }) => question === 'b'));
    open.shift();
    await answerNext();
    expect(answerOf(await client.ended(second))).toBe('ok');
  });
});

describe('without a limit in the settings', () => {
  it('sends as many as there are, until the server is overloaded', async () => {
    let busy = false;
    const limited: Answer = (request, response) => {
      if (busy && open.length >= 1)
        refuses(429, { error: { message: 'Too many concurrent requests' } })(request, response);
      else holds(request, response);
    };
    await setup({ MODEL_RETRIES: '5' }, limited);
    const runs = await send('a', 'b', 'c');
    expect(open).toHaveLength(3);
    busy = true;
    open.splice(1).forEach(({ response }) => {
      refuses(429, { error: { message: 'Too many concurrent requests' } })({} as never, response);
    });
    await until('the others wait here', async () => {
      const texts = await Promise.all(runs.slice(1).map(waiting));
      return texts.every((each) => each.length > 0);
    });
    const asked = provider.asked.length;
    await answerNext();
    await answerNext();
    await answerNext();
    for (const run of runs) expect(answerOf(await client.ended(run))).toBe('ok');
    expect(provider.asked.length - asked).toBe(2);
  });

  it('a server that reports how many it works on at a time gets no more', async () => {
    open = [];
    provider = await Provider.start(holds);
    provider.pages['/props'] = { total_slots: 1, default_generation_settings: { n_ctx: 32_768 } };
    app = await startTestApp(provider.env);
    client = new Client(app.url);
    await until('the server was asked', () => provider.looked.some(({ path }) => path === '/props'));
    const runs = await send('a', 'b');
    expect(provider.asked).toHaveLength(1);
    await answerNext();
    await answerNext();
    for (const run of runs) expect(answerOf(await client.ended(run))).toBe('ok');
  });
});
