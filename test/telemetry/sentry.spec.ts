import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ToolRegistry } from '../../src/tools/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { until } from '../support/until.js';

/** A Sentry that keeps what it gets. */
let sentry: Server;
let envelopes: { path: string; headers: IncomingMessage['headers']; items: any[] }[] = [];
let model: ScriptedModel;
let app: TestApp;
let client: Client;

beforeAll(async () => {
  sentry = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const items = body
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
      envelopes.push({ path: request.url ?? '', headers: request.headers, items });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await once(sentry.listen(0, '127.0.0.1'), 'listening');
  model = await ScriptedModel.start();
});
afterAll(async () => {
  sentry.closeAllConnections();
  sentry.close();
  await model.stop();
});
beforeEach(async () => {
  envelopes = [];
  const { port } = sentry.address() as AddressInfo;
  app = await startTestApp({
    ...model.env,
    LOG_LEVEL: 'silent',
    SENTRY_DSN: `http://publickey@127.0.0.1:${port}/42`,
    SENTRY_ENVIRONMENT: 'staging',
  });
  client = new Client(app.url);
});
afterEach(() => app.destroy());

const events = () => envelopes.flatMap(({ items }) => items).filter((item) => item.exception !== undefined);

it('gets an unexpected error with its stack and ids, and nothing that anybody said', async () => {
  app.nest.get(ToolRegistry, { strict: false }).provide('test', [
    {
      info: { name: 'broken', description: 'Breaks.', parameters: { type: 'object', properties: {} } },
      run: () => {
        const cause = new RangeError('inner "Private question" {"key":"sk-very-secret-key"}');
        return Promise.reject(new TypeError('cannot read "Private question" of \'secret words\'', { cause }));
      },
    },
  ]);
  const chat = await client.newChat();
  const { body } = await client.post(
    `/api/chats/${chat}/messages`,
    { content: 'Private question' },
    { 'x-request-id': 'r-1' },
  );
  (await model.next('Private question')).toolCall('broken', { with: 'Private arguments' }).finish();
  (await model.next('Private question')).text('Private answer').finish();
  await client.ended(body);
  const [event] = await until('Sentry has it', () => (events().length > 0 ? events() : undefined));
  expect(event).toMatchObject({
    level: 'error',
    environment: 'staging',
    platform: 'node',
    tags: {
      context: 'ToolExecution',
      tool: 'broken',
      message_id: body.message_id,
      chat_id: chat,
      request_id: 'r-1',
    },
    exception: {
      values: [
        { type: 'RangeError', value: 'inner … …' },
        { type: 'TypeError', value: 'cannot read … of …', stacktrace: { frames: expect.any(Array) } },
      ],
    },
  });
  const frames = event.exception.values[1].stacktrace.frames;
  expect(frames.at(-1).filename).toContain('sentry.spec.ts');
  expect(JSON.stringify(envelopes.map(({ items }) => items))).not.toMatch(/Private|secret/);
  expect(envelopes[0]?.path).toContain('/api/42/envelope/');
});

it('gets nothing of what clients, models and tools do wrong', async () => {
  await client.post(`/api/chats/${await client.newChat()}/messages`, { wrong: true });
  await client.get('/api/nothing');
  const sent = await client.send(await client.newChat(), 'fail?');
  (await model.next('fail?')).fail(400);
  await client.ended(sent);
  await app.nest.close(); // sends what is left
  expect(events()).toEqual([]);
});

it('is not needed: a DSN that leads nowhere changes nothing', async () => {
  await app.destroy();
  app = await startTestApp({ ...model.env, SENTRY_DSN: 'http://key@127.0.0.1:9/1' });
  client = new Client(app.url);
  app.nest.get(ToolRegistry, { strict: false }).provide('test', [
    {
      info: { name: 'broken', description: 'Breaks.', parameters: { type: 'object', properties: {} } },
      run: () => Promise.reject(new TypeError('broken')),
    },
  ]);
  const sent = await client.send(await client.newChat(), 'broken?');
  (await model.next('broken?')).toolCall('broken', {}).finish();
  (await model.next('broken?')).text('All the same.').finish();
  expect((await client.ended(sent)).at(-1)).toMatchObject({ type: 'end', status: 'completed' });
});
