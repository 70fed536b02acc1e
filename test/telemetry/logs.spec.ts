import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { loadSettings, secretsOf } from '../../src/platform/config/index.js';
import { cleanFields, cleanText } from '../../src/platform/logging/redaction.js';
import { Client } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { cleanUpServers, ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

type Line = Record<string, any>;

describe('the log of a server', () => {
  let model: ScriptedModel;
  let server: ServerProcess;
  let client: Client;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'logs-'));
    const agents = path.join(folder, 'agents.yaml');
    await writeFile(
      agents,
      'agents:\n  - {name: clerk, kind: model, description: Looks., instructions: Look., tools: [weather, list_files]}\n',
    );
    model = await ScriptedModel.start();
    const env = {
      ...model.env,
      OPENAI_API_KEY: 'configured-key-of-no-known-form',
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
      AGENTS_FILE: agents,
      MODEL_RETRIES: '0',
      TOOLBOX: 'weather',
      WEATHER_URL: 'http://127.0.0.1:9/forecast',
    };
    server = await ServerProcess.start({ env });
    client = new Client(server.url);
  });
  afterAll(async () => {
    await cleanUpServers();
    await model.stop();
    await rm(folder, { recursive: true });
  });

  const lines = (): Line[] =>
    server.output
      .split('\n')
      .filter((line) => line.startsWith('{"'))
      .map((line) => JSON.parse(line) as Line);
  const line = (msg: string, of: object): Promise<Line> =>
    until(`"${msg}" is in the log`, () =>
      lines().find(
        (each) => each['msg'] === msg && Object.entries(of).every(([name, value]) => each[name] === value),
      ),
    );

  async function post(content: string, headers: Record<string, string>) {
    const chat_id = await client.newChat();
    const { body } = await client.post(`/api/chats/${chat_id}/messages`, { content }, headers);
    return { chat_id, ...body } as { chat_id: string; message_id: string; stream_url: string };
  }

  it('has one line for a request and one for its run, joined by ids', async () => {
    const trace_id = 'a'.repeat(32);
    const headers = { 'x-request-id': 'asked-1', traceparent: `00-${trace_id}-${'b'.repeat(16)}-01` };
    const sent = await post('Private question', headers);
    (await model.next('Private question')).toolCall('list_files', {}).finish();
    (await model.next('Private question')).text('Private answer').finish();
    await client.ended(sent);
    const { chat_id, message_id } = sent;
    const run = await line('a run completed', { message_id });
    expect(run).toMatchObject({
      level: 30,
      context: 'RunExecutor',
      chat_id,
      attempt: 1,
      request_id: 'asked-1',
      trace_id,
      agent: 'clerk',
      status: 'completed',
      ms: expect.any(Number),
      model: 'scripted',
      tool_calls: 1,
      tokens: { prompt: 20, completion: 10 },
    });
    expect(await line('request completed', { request_id: 'asked-1' })).toMatchObject({ trace_id, chat_id });
    expect(lines().filter((each) => each['message_id'] === message_id && each['status'])).toHaveLength(1);
    expect(server.output).not.toMatch(/Private question|Private answer/);
  });

  it('names the run in lines of models and of services that tools ask', async () => {
    const sent = await post('weather?', { 'x-request-id': 'asked-2' });
    (await model.next('weather?')).toolCall('weather', { latitude: 1, longitude: 2 }, 'call_w').finish();
    (await model.next('weather?')).fail(400);
    await client.ended(sent);
    const { chat_id, message_id } = sent;
    const about = { chat_id, attempt: 1, request_id: 'asked-2' };
    expect(await line('A tool could not reach its service', { message_id })).toMatchObject({
      ...about,
      call_id: 'call_w',
      tool: 'weather',
    });
    expect(await line('a model request failed', { message_id })).toMatchObject(about);
    expect(await line('a run failed', { message_id })).toMatchObject({
      ...about,
      level: 40,
      status: 'error',
      code: 'model_rejected',
    });
  });

  it('has a line for a run that was cancelled, and none with a key of the settings', async () => {
    const sent = await post('stop?', {});
    await model.next('stop?');
    await client.cancel(sent.message_id);
    await client.ended(sent);
    await line('a run was cancelled', { message_id: sent.message_id });
    expect(server.output).not.toContain('configured-key-of-no-known-form');
  });
});

describe('the fields of a line', () => {
  const settings = loadSettings({
    OPENAI_API_KEY: 'plain-openai-key',
    MONGODB_URI: 'mongodb://user:p%40ss-of-mongo@db/x',
    METRICS_TOKEN: 'token-of-metrics',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=header-of-collector',
    SENTRY_DSN: 'https://publickey1234@sentry.example/1',
    LANGSMITH_API_KEY: 'key-of-langsmith',
    APPROVAL_WEBHOOK_URL: 'https://hook.example/x',
    APPROVAL_WEBHOOK_SECRET: `whsec_${'A'.repeat(44)}`,
  });
  const secrets = secretsOf(settings);

  it.each([
    'plain-openai-key',
    'p%40ss-of-mongo',
    'p@ss-of-mongo',
    'token-of-metrics',
    'header-of-collector',
    'publickey1234',
    'key-of-langsmith',
    `whsec_${'A'.repeat(44)}`,
  ])('contain no secret of the settings: %s', (secret) => {
    const fault = Object.assign(new Error(`refused ${secret}`, { cause: new TypeError(secret) }), {
      request: { headers: { secret } },
    });
    const fields = { a: `x ${secret} y`, deep: [{ b: secret }], err: fault };
    expect(JSON.stringify(cleanFields(fields, secrets))).not.toContain(secret);
    expect(cleanText(`x ${secret}`, secrets)).not.toContain(secret);
  });

  it('contain no credentials of others, and keep what an operator needs', () => {
    const err = Object.assign(new RangeError('too far'), {
      code: 'EFAR',
      response: { body: 'what a user said' },
    });
    const fields = cleanFields(
      {
        headers: { authorization: 'abcdef', Cookie: 'sid=1', accept: 'text/html' },
        ticket: 'abc',
        url: 'https://u:pw@h/?api_key=abcdefgh',
        tokens: { prompt: 3 },
        at: new Date(0),
        none: null,
        err,
      },
      [],
    );
    expect(fields).toMatchObject({
      headers: { authorization: '[redacted]', Cookie: '[redacted]', accept: 'text/html' },
      ticket: '[redacted]',
      tokens: { prompt: 3 },
      none: null,
      err: {
        type: 'RangeError',
        message: 'too far',
        code: 'EFAR',
        stack: expect.stringContaining('logs.spec'),
      },
    });
    expect(JSON.stringify(fields)).not.toMatch(/pw@|abcdefgh|what a user said/);
  });

  it('are bounded, however large, deep or circular', () => {
    const circular: Record<string, unknown> = { text: 'x'.repeat(1_000_000) };
    circular['self'] = circular;
    expect(JSON.stringify(cleanFields(circular, [])).length).toBeLessThan(100_000);
  });
});
