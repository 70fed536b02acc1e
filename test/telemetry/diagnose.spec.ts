import { getModelToken } from '@nestjs/mongoose';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import mongoose, { Types, type Model } from 'mongoose';
import { format } from 'prettier';
import { CHECKS } from '../../src/health/diagnosis/checks.js';
import { SYMPTOM_NAMES, SYMPTOMS } from '../../src/health/diagnosis/symptoms.js';
import { troubleshootingPage } from '../../src/health/diagnosis/troubleshooting-page.js';
import { MESSAGE, type MessageDocument, type RunFacet, type RunStatus } from '../../src/run-record/index.js';
import { StreamPlaces } from '../../src/streams/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { RawStream } from '../support/raw-stream.js';
import { RedisProcess } from '../support/redis-process.js';
import { until } from '../support/until.js';

let app: TestApp;
let client: Client;
async function start(env: Record<string, string> = {}): Promise<void> {
  app = await startTestApp(env);
  client = new Client(app.url);
}
afterEach(() => app.destroy());

const ask = (symptom?: string) =>
  client.get(`/health/diagnose${symptom === undefined ? '' : `?symptom=${encodeURIComponent(symptom)}`}`);
async function finding(symptom: string, check: string): Promise<any> {
  const { status, body } = await ask(symptom);
  expect(status).toBe(200);
  return body.findings.find((one: { check: string }) => one.check === check);
}
const messages = (): Model<MessageDocument> => app.nest.get(getModelToken(MESSAGE), { strict: false });

describe('a diagnosis', () => {
  it('of each symptom makes its checks, and of none all of them', async () => {
    await start();
    for (const name of SYMPTOM_NAMES) {
      const { status, body } = await ask(name);
      expect([name, status, body.symptoms]).toEqual([name, 200, [{ name, title: SYMPTOMS[name].title }]]);
      expect(body.findings.map(({ check }: { check: string }) => check).sort()).toEqual(
        [...SYMPTOMS[name].checks].sort(),
      );
    }
    const all = (await ask()).body;
    expect(all.symptoms).toEqual([]);
    expect(all.findings.map(({ check }: { check: string }) => check).sort()).toEqual(
      Object.keys(CHECKS).sort(),
    );
    for (const one of all.findings) expect(one.found).not.toBe('');
    // A healthy server on a loopback address; on a busy machine its disk and its event loop may be slow.
    const slow = new Set(['database', 'write', 'commits', 'process']);
    const wrong = all.findings.filter(
      ({ check, status }: { check: string; status: string }) => status !== 'ok' && !slow.has(check),
    );
    expect(wrong).toMatchObject([
      {
        check: 'address',
        status: 'warn',
        code: 'loopback',
        cause: expect.any(String),
        cure: expect.any(String),
      },
    ]);
  });

  it.each([
    ['429', ['rate_limit_exceeded']],
    ['High Latency', ['slow_responses']],
    ['OOM kills', ['memory_leak']],
    ['streams-stop', ['streams_stop']],
    ['connection refused', ['connection_refused']],
  ])('understands "%s"', async (words, names) => {
    await start();
    const { body } = await ask(words);
    expect(body.symptoms.map(({ name }: { name: string }) => name)).toEqual(names);
  });

  it.each(['nonsense', '***', 'x'.repeat(5000), '__proto__', 'toString'])(
    'answers 400 with the list for "%s"',
    async (symptom) => {
      await start();
      const { status, body } = await ask(symptom);
      expect([status, body.code]).toEqual([400, 'unknown_symptom']);
      for (const name of SYMPTOM_NAMES) expect(body.detail).toContain(name);
      expect((await client.get('/health/diagnose?symptom=a&symptom=b')).status).toBe(400);
    },
  );

  it('finds a database that does not answer', async () => {
    await start();
    const db = app.nest.get<mongoose.Connection>('DatabaseConnection').db!;
    db.command = () => new Promise(() => undefined);
    expect(await finding('database_slow', 'database')).toMatchObject({ status: 'fail', code: 'down' });
    Reflect.deleteProperty(db, 'command');
    await until('it answers as quickly as it should', async () =>
      (await finding('database_slow', 'database')).status === 'ok' ? true : undefined,
    );
  });

  it('finds runs that nobody takes, and those whose worker is gone', async () => {
    const redis = await RedisProcess.start();
    await start({ ROLE: 'api', REDIS_URL: redis.url });
    const long_ago = new Date(Date.now() - 3_600_000);
    const question = (chat_id: string, run: Partial<RunFacet>, status: RunStatus) => ({
      _id: new Types.ObjectId(),
      tenant_id: 'default',
      chat_id,
      role: 'user' as const,
      content: '',
      metadata: {},
      status,
      created_at: long_ago,
      run: { open: true, attempt: 0, handovers: 0, cancel_requested: false, queued_at: long_ago, ...run },
    });
    const lease = { owner: 'gone/1/x', expires_at: long_ago };
    await messages().insertMany([
      question('a', {}, 'pending'),
      question('b', { lease, attempt: 1 }, 'processing'),
    ]);
    const waiting = { since: long_ago, until: new Date(), calls: ['c'] };
    await messages().insertMany([
      question('c', { waiting, attempt: 1 }, 'processing'),
      question('c', {}, 'pending'),
    ]);
    expect(await finding('queue_stuck', 'queue')).toMatchObject({
      status: 'fail',
      code: 'stuck',
      found: expect.stringMatching(
        /^2 runs wait for a worker, the oldest for 360\d s.*Nothing is ahead of 1 of them/,
      ),
    });
    expect(await finding('queue_stuck', 'lost_runs')).toMatchObject({ status: 'fail', code: 'orphaned' });
    expect(await finding('approvals_waiting', 'approvals')).toMatchObject({
      status: 'warn',
      code: 'waiting',
    });
    await redis.kill9();
  });

  it('finds a Redis that goes and comes', async () => {
    const redis = await RedisProcess.start();
    try {
      await start({ REDIS_URL: redis.url });
      expect(await finding('redis_down', 'redis')).toMatchObject({ status: 'ok' });
      await redis.kill9();
      await until('Redis is missed', async () => (await finding('redis_down', 'redis')).code === 'away');
    } finally {
      await redis.kill9();
    }
  });

  it('finds gaps and missing ends in logs', async () => {
    await start();
    const sent = await client.send(await client.newChat(), 'Who are you?');
    await client.ended(sent);
    await until(
      'the run is sealed',
      async () => !(await messages().findById(sent.message_id).lean())?.run?.open,
    );
    expect(await finding('events_missing', 'logs')).toMatchObject({ status: 'ok' });
    const events = messages().db.collection('message_events');
    const m = new Types.ObjectId(sent.message_id);
    const end = await events.findOne({ '_id.m': m, type: 'end' } as object);
    await events.deleteOne({ _id: end!._id });
    expect(await finding('events_missing', 'logs')).toMatchObject({ status: 'fail', code: 'no_end' });
    await events.insertOne(end!);
    await events.deleteOne({ _id: { m, s: 1 } });
    expect(await finding('events_missing', 'logs')).toMatchObject({ status: 'fail', code: 'gaps' });
  });

  it('finds a model that cannot be reached, and names no key', async () => {
    await start({ OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', OPENAI_API_KEY: 'sk-very-secret-key' });
    const found = await finding('model_unreachable', 'model');
    expect(found).toMatchObject({
      status: 'fail',
      code: 'unreachable',
      found: expect.stringContaining('127.0.0.1:9'),
    });
    expect(JSON.stringify((await ask()).body)).not.toContain('very-secret');
  });

  it('finds a proxy that speaks HTTP/1.0, and one that says it is there', async () => {
    await start({ STREAM_HEARTBEAT_MS: '90000', EVENT_RETENTION_DAYS: '3' });
    const via = await client.get('/health/diagnose?symptom=proxy_buffering', {
      'x-forwarded-for': '10.0.0.1',
    });
    const proxy = via.body.findings.find(({ check }: { check: string }) => check === 'proxy');
    expect(proxy).toMatchObject({ status: 'warn', code: 'unknown' });
    expect(JSON.stringify(via.body)).not.toContain('10.0.0.1');
    expect(await askAsHttp10(app.url)).toMatchObject({ status: 'fail', code: 'http_1_0' });
    expect(await finding('streams_stop', 'streams')).toMatchObject({ status: 'warn', code: 'heartbeat' });
    expect(await finding('events_missing', 'retention')).toMatchObject({ status: 'warn', code: 'expires' });
  });

  it('finds streams that are full, and requests that were refused', async () => {
    await start({ STREAMS_MAX: '1' });
    expect(await finding('connection_refused', 'refusals')).toMatchObject({ status: 'ok' });
    const sent = await client.send(await client.newChat(), 'Who are you?');
    await client.ended(sent);
    const first = await RawStream.open(app.url + sent.stream_url);
    await first.end();
    const held = app.nest.get(StreamPlaces, { strict: false }).reserve();
    expect((await client.get(sent.stream_url)).status).toBe(503);
    held.release();
    await until(
      'it is counted',
      async () => (await finding('connection_refused', 'refusals')).code === 'unavailable',
    );
  });
});

it('docs/troubleshooting.md is made from the same table', async () => {
  await start();
  const page = await readFile(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8');
  expect(page).toBe(await format(troubleshootingPage(), { parser: 'markdown', printWidth: 110 }));
});

/** What the check of proxies finds for a request in HTTP/1.0. */
async function askAsHttp10(url: string): Promise<unknown> {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  socket.write('GET /health/diagnose?symptom=proxy_buffering HTTP/1.0\r\nHost: localhost\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  const { findings } = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)) as {
    findings: { check: string }[];
  };
  return findings.find(({ check }) => check === 'proxy');
}
