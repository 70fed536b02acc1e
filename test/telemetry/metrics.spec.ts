import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { MetricsServer } from '../../src/health/metrics-server.js';
import { BoundedLabel } from '../../src/platform/telemetry/metrics/bounded-label.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { until } from '../support/until.js';

const AGENTS = `
agents:
  - {name: chief, kind: model, description: Directs., instructions: Direct., tools: [list_files], delegates: [clerk]}
  - {name: clerk, kind: model, description: Looks., instructions: Look., tools: []}
  - {name: line, kind: workflow, description: In a row., strategy: sequential, agents: [clerk]}
`;
const PRICES = 'currency: EUR\nmodels:\n  openai:scripted: {input: 1000000, output: 1000000}\n';

let folder: string;
let model: ScriptedModel;
let app: TestApp | undefined;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'metrics-'));
  await writeFile(path.join(folder, 'agents.yaml'), AGENTS);
  await writeFile(path.join(folder, 'prices.yaml'), PRICES);
  model = await ScriptedModel.start();
});
afterAll(async () => {
  await model.stop();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  await app?.destroy();
  app = undefined;
});

async function start(more: Record<string, string> = {}): Promise<Client> {
  app = await startTestApp({
    ...model.env,
    AGENTS_FILE: path.join(folder, 'agents.yaml'),
    MODEL_PRICES_FILE: path.join(folder, 'prices.yaml'),
    ...more,
  });
  return new Client(app.url);
}

/** Name with labels → value. */
async function metrics(client: Client): Promise<Map<string, number>> {
  const text = String((await client.get('/metrics')).body);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

describe('what a run leaves in the metrics', () => {
  it('figures under our names and under those of other systems', async () => {
    const client = await start();
    const chat = await client.newChat();
    const sent = await client.send(chat, 'count me?', { agent: 'chief' });
    const reader = await client.stream(sent);
    (await model.next('count me?')).toolCall('list_files', {}).toolCall('no_such_tool', {}).finish();
    (await model.next('count me?')).toolCall('task', { agent: 'clerk', task: 'look' }).finish();
    (await model.next('look')).text('Nothing.').finish();
    (await model.next('count me?')).text('Done.').finish();
    await reader.all();
    await until('stream and run are counted', async () => {
      const now = await metrics(client);
      return (
        now.has('stream_sessions_total{agent="chief",status="completed"}') &&
        now.has('reprise_runs_total{agent="chief",status="completed"}') &&
        now.get('reprise_active_runs') === 0
      );
    });
    const found = await metrics(client);
    const expected: Record<string, number> = {
      'reprise_runs_total{agent="chief",status="completed"}': 1,
      'reprise_run_duration_seconds_count{agent="chief",status="completed"}': 1,
      'chat_requests_total{status="completed"}': 1,
      'chat_request_duration_ms_count{status="completed"}': 1,
      chat_sessions_active: 0,
      reprise_time_to_first_token_seconds_count: 1,
      'reprise_cost_total{currency="EUR"}': 60,
      'llm_calls_total{model="scripted",agent="chief",status="completed"}': 3,
      'llm_calls_total{model="scripted",agent="clerk",status="completed"}': 1,
      'llm_call_duration_seconds_count{model="scripted",agent="chief",status="completed"}': 3,
      'llm_tokens_used_total{model="scripted",agent="chief",type="prompt"}': 30,
      'llm_tokens_used_total{model="scripted",agent="clerk",type="completion"}': 5,
      'openai_tokens_total{model="scripted",type="prompt"}': 40,
      'openai_tokens_total{model="scripted",type="completion"}': 20,
      'reprise_model_calls_total{provider="openai",model="scripted",outcome="ok"}': 4,
      'reprise_model_first_token_seconds_count{provider="openai",model="scripted"}': 4,
      'reprise_tool_calls_total{tool="list_files",outcome="ok"}': 1,
      'reprise_tool_calls_total{tool="unknown",outcome="unknown_tool"}': 1,
      'reprise_tool_calls_total{tool="task",outcome="ok"}': 1,
      'reprise_tool_call_duration_seconds_count{tool="list_files"}': 1,
      'stream_sessions_total{agent="chief",status="completed"}': 1,
      'stream_chunks_sent_total{agent="chief"}': reader.events.length,
      'stream_session_duration_seconds_count{agent="chief",status="completed"}': 1,
      'stream_sessions_active{agent="chief"}': 0,
      reprise_takeovers_total: 0,
      reprise_handovers_total: 0,
      reprise_slow_clients_dropped_total: 0,
      reprise_queue_depth: 0,
      reprise_approvals_waiting: 0,
      reprise_active_streams: 0,
      'reprise_model_circuit_open{model="openai:scripted"}': 0,
      reprise_commit_events_sum: reader.events.length,
      'app_requests_total{method="POST",endpoint="/api/chats/:chat_id/messages",status="success"}': 1,
      'app_request_duration_seconds_count{method="POST",endpoint="/api/chats/:chat_id/messages"}': 1,
      'http_requests_total{method="POST",route="/api/chats/:chat_id/messages",status="201"}': 1,
      app_active_requests: 1, // this one
    };
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, found.get(name)]))).toEqual(
      expected,
    );
    for (const name of ['reprise_commit_duration_seconds_count', 'reprise_follow_lag_seconds_count'])
      expect(found.get(name)).toBeGreaterThan(0);
    expect(found.get('reprise_database_round_trip_seconds')).toBeGreaterThan(0);
    const sum = found.get('reprise_run_duration_seconds_sum{agent="chief",status="completed"}') ?? 0;
    expect(found.get('chat_request_duration_ms_sum{status="completed"}')).toBeCloseTo(sum * 1000, 5);
    expect(found.get('chat_request_duration_ms_bucket{le="600000",status="completed"}')).toBe(1);
    expect(String((await client.get('/metrics')).body)).not.toContain('no_such_tool');
  });

  it('why a run failed, and what a workflow did', async () => {
    const client = await start({ MODEL_RETRIES: '0' });
    const failing = await client.send(await client.newChat(), 'fail?', { agent: 'clerk' });
    (await model.next('fail?')).fail(400);
    await client.ended(failing);
    const line = await client.send(await client.newChat(), 'in a row?', { agent: 'line' });
    (await model.next('in a row?')).text('Yes.').finish();
    await client.ended(line);
    const stopped = await client.send(await client.newChat(), 'stop me?', { agent: 'line' });
    await model.next('stop me?');
    await client.cancel(stopped.message_id);
    await client.ended(stopped);
    await until('all are counted', async () =>
      (await metrics(client)).has('reprise_runs_total{agent="line",status="cancelled"}'),
    );
    const found = await metrics(client);
    expect({
      failed: found.get('reprise_run_failures_total{code="model_rejected"}'),
      runs: found.get('reprise_runs_total{agent="clerk",status="error"}'),
      calls: found.get(
        'reprise_model_calls_total{provider="openai",model="scripted",outcome="model_rejected"}',
      ),
      stopped: found.get('reprise_model_calls_total{provider="openai",model="scripted",outcome="cancelled"}'),
      completed: found.get('coordinator_workflows_total{strategy="sequential",status="completed"}'),
      cancelled: found.get('coordinator_workflows_total{strategy="sequential",status="cancelled"}'),
      durations: found.get(
        'coordinator_workflow_duration_seconds_count{strategy="sequential",status="completed"}',
      ),
    }).toEqual({ failed: 1, runs: 1, calls: 1, stopped: 1, completed: 1, cancelled: 1, durations: 1 });
  });

  it('clients that read nothing', async () => {
    const client = await start({ STREAM_STALL_MS: '50', RUN_MAX_OUTPUT_CHARS: '100000000' });
    const sent = await client.send(await client.newChat(), 'long?', { agent: 'clerk' });
    const turn = await model.next('long?');
    const { port } = new URL(client.url);
    const socket = net.connect(Number(port), '127.0.0.1');
    socket.pause();
    socket.on('error', () => undefined);
    socket.write(`GET ${sent.stream_url} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    // More than the buffers of both kernels.
    for (let piece = 0; piece < 60; piece++) turn.text('x'.repeat(200_000));
    await until(
      'it is dropped',
      async () => (await client.metric('reprise_slow_clients_dropped_total')) === 1,
    );
    expect((await metrics(client)).get('stream_sessions_total{agent="clerk",status="slow"}')).toBe(1);
    socket.destroy();
    await client.cancel(sent.message_id);
    await until(
      'the run has ended',
      async () => (await client.message(sent.message_id)).status === 'cancelled',
    );
  });
});

describe('who may read the metrics', () => {
  it('needs METRICS_TOKEN, if there is one, and so does a diagnosis', async () => {
    const client = await start({ METRICS_TOKEN: 'a-long-token' });
    for (const path of ['/metrics', '/health/diagnose']) {
      expect(await client.get(path)).toMatchObject({ status: 401, body: { code: 'token_missing' } });
      const wrong = await client.get(path, { authorization: 'Bearer wrong' });
      expect(wrong).toMatchObject({ status: 401, body: { code: 'token_invalid' } });
      expect((await client.get(path, { authorization: 'Bearer a-long-token' })).status).toBe(200);
    }
  });

  it('finds them on METRICS_PORT alone, if there is one', async () => {
    const client = await start({ METRICS_PORT: '0', METRICS_TOKEN: 'a-long-token' });
    const bearer = { authorization: 'Bearer a-long-token' };
    expect(await client.get('/metrics', bearer)).toMatchObject({
      status: 404,
      body: { code: 'route_not_found' },
    });
    const url = app?.nest.get(MetricsServer, { strict: false }).url ?? '';
    const get = (path: string, headers = {}) => fetch(new URL(path, url), { headers });
    expect((await get('/metrics')).status).toBe(401);
    expect((await get('/', bearer)).status).toBe(404);
    const rebound = http.get(url, { headers: { ...bearer, host: 'evil.example' } });
    const [refused] = (await once(rebound, 'response')) as [http.IncomingMessage];
    expect(refused.resume().statusCode).toBe(421);
    expect((await get('/api/agents', bearer)).status).toBe(404);
    expect(await (await get('/metrics', bearer)).text()).toContain('reprise_queue_depth 0');
    expect((await fetch(url, { method: 'POST', headers: bearer })).status).toBe(404);
  });

  it('a port that is taken prevents the start, and is named', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as net.AddressInfo;
    for (const PORT of ['0', String(port)])
      await expect(start({ PORT, METRICS_PORT: String(port) })).rejects.toMatchObject({
        setting: PORT === '0' ? 'METRICS_PORT' : 'PORT',
      });
    taken.close();
  });
});

describe('a label whose values come from elsewhere', () => {
  it('has a bounded number of them', () => {
    const label = new BoundedLabel(3);
    expect(['a', '', 'b', 'c', 'a', 'b', 'd'].map((value) => label.of(value))).toEqual([
      'a',
      'none',
      'b',
      'other',
      'a',
      'b',
      'other',
    ]);
    expect(new BoundedLabel(3).of('x'.repeat(101))).toBe('other');
  });
});
