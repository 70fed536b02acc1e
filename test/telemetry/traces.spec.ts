import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startTestApp, testMongoUri, type TestApp } from '../support/app.js';
import { answerOf, Client } from '../support/client.js';
import { drawTrace, OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { cleanUpServers, ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const TRACEPARENT = `00-${TRACE}-${CALLER}-01`;
const AGENTS = `
agents:
  - {name: chief, kind: model, description: Directs., instructions: Direct., tools: [list_files], delegates: [clerk]}
  - {name: clerk, kind: model, description: Looks., instructions: Look., tools: []}
  - {name: line, kind: workflow, description: In a row., strategy: sequential, agents: [clerk]}
`;

let folder: string;
let env: Record<string, string>;
let model: ScriptedModel;
let collector: OtlpReceiver;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'traces-'));
  await writeFile(path.join(folder, 'agents.yaml'), AGENTS);
  model = await ScriptedModel.start();
  env = { ...model.env, AGENTS_FILE: path.join(folder, 'agents.yaml') };
});
afterAll(async () => {
  await cleanUpServers();
  await model.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  collector = await OtlpReceiver.start();
});
afterEach(() => collector.stop());

/** The engine that all specs share, so that processes start fast and may die alone. */
const shared = () => ({
  MONGODB_URI: testMongoUri(),
  MONGODB_DATABASE: `test_${randomBytes(6).toString('hex')}`,
});

const byId = (spans: ReceivedSpan[]) => new Map(spans.map((span) => [span.span_id, span]));
/** Names from the root to a span. */
function pathOf(span: ReceivedSpan, spans: ReceivedSpan[]): string[] {
  const parent = byId(spans).get(span.parent);
  return [...(parent ? pathOf(parent, spans) : []), span.name];
}
const named = (spans: ReceivedSpan[], name: string) => spans.filter((span) => span.name === name);

describe('the trace of a run with a tool, a delegate and a lost worker', () => {
  it('is one tree from the request to the last model call, with both attempts', async () => {
    const server = await ServerProcess.start({
      env: {
        ...env,
        ...shared(),
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      },
    });
    const client = new Client(server.url);
    const chat = await client.newChat();
    const answer = await client.post(
      `/api/chats/${chat}/messages`,
      { content: 'Private words' },
      { traceparent: TRACEPARENT },
    );
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-trace-id')).toBe(TRACE);

    const first = await model.next('Private words');
    expect(first.headers['traceparent']).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    first.toolCall('list_files', {}, 'call_files').finish();
    (await model.next('Private words'))
      .toolCall('task', { agent: 'clerk', task: 'Look there' }, 'call_clerk')
      .finish();
    (await model.next('Look there')).text('Nothing there.').finish();
    const cut = (await model.next('Private words')).text('Half an ');
    await collector.traceWith('execute_tool task');
    await until('half an answer is durable', async () =>
      (await client.replay(answer.body.message_id)).some(({ type }) => type === 'content'),
    );
    await server.kill9();
    cut.end();
    await server.restart();
    (await model.next()).text('answer.').finish();
    expect(answerOf(await client.ended(answer.body))).toContain('answer.');

    expect(await client.metric('reprise_takeovers_total')).toBe(1);
    const isDone = ({ attributes }: ReceivedSpan): boolean => attributes['reprise.attempt'] === 2;
    const spans = await collector.traceWith('invoke_agent chief', isDone);
    if (process.env['SHOW_TRACE']) process.stdout.write(`${drawTrace(spans)}\n`);
    expect(new Set(spans.map(({ trace_id }) => trace_id))).toEqual(new Set([TRACE]));
    const post = 'POST /api/chats/:chat_id/messages';
    expect(spans.map((span) => pathOf(span, spans).join(' > ')).sort()).toEqual(
      [
        post,
        `${post} > invoke_agent chief`, // lost
        `${post} > invoke_agent chief`,
        `${post} > invoke_agent chief > chat scripted`,
        `${post} > invoke_agent chief > chat scripted`,
        `${post} > invoke_agent chief > chat scripted`, // after the worker was lost
        `${post} > invoke_agent chief > execute_tool list_files`,
        `${post} > invoke_agent chief > execute_tool task`,
        `${post} > invoke_agent chief > execute_tool task > invoke_agent clerk`,
        `${post} > invoke_agent chief > execute_tool task > invoke_agent clerk > chat scripted`,
      ].sort(),
    );
    expect(named(spans, post)[0]).toMatchObject({
      parent: CALLER,
      kind: 2,
      attributes: { 'http.response.status_code': 201, 'http.route': '/api/chats/:chat_id/messages' },
    });
    const [lost, second] = named(spans, 'invoke_agent chief').sort(
      (a, b) => Number(a.attributes['reprise.attempt']) - Number(b.attributes['reprise.attempt']),
    );
    expect(lost).toMatchObject({
      status: 2,
      attributes: { 'error.type': 'worker_lost', 'reprise.attempt': 1 },
    });
    expect(second).toMatchObject({
      status: 0,
      links: [{ span_id: lost!.span_id, attributes: { 'reprise.link': 'previous_attempt' } }],
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': 'chief',
        'gen_ai.conversation.id': chat,
        'reprise.message_id': answer.body.message_id,
        'reprise.status': 'completed',
        'reprise.tool_calls': 2,
      },
    });
    const chats = named(spans, 'chat scripted');
    for (const one of chats)
      expect(one).toMatchObject({
        kind: 3,
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'openai',
          'gen_ai.request.model': 'scripted',
          'gen_ai.usage.input_tokens': 10,
          'gen_ai.usage.output_tokens': 5,
          'gen_ai.response.time_to_first_chunk': expect.any(Number),
          'server.address': '127.0.0.1',
          'server.port': expect.any(Number),
        },
      });
    expect(chats.map(({ attributes }) => attributes['gen_ai.response.finish_reasons'])).toContainEqual([
      'tool_calls',
    ]);
    expect(named(spans, 'execute_tool list_files')[0]?.attributes).toMatchObject({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'list_files',
      'gen_ai.tool.call.id': 'call_files',
    });
    expect(collector.requests[0]).toMatchObject({
      path: '/v1/traces',
      headers: { 'content-type': 'application/x-protobuf' },
      resource: { 'service.name': 'reprise', 'deployment.environment.name': 'test' },
    });
    const everything = JSON.stringify(collector.spans, (_key, value: unknown) =>
      typeof value === 'bigint' ? 0 : value,
    );
    expect(everything).not.toMatch(/Private words|Look there|Nothing there|Half an/);
    await server.terminate();
  }, 120_000);
});

describe('with a collector', () => {
  let app: TestApp;
  let client: Client;
  afterEach(() => app.destroy());

  async function start(more: Record<string, string> = {}): Promise<void> {
    app = await startTestApp({ ...env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...more });
    client = new Client(app.url);
  }
  /** A run that answers at once. @returns its message. */
  async function run(question: string, headers: Record<string, string> = {}, more: object = {}) {
    const chat = await client.newChat();
    const answer = await client.post(
      `/api/chats/${chat}/messages`,
      { content: question, agent: 'clerk', ...more },
      headers,
    );
    const turn = await model.next(question);
    turn.text('Yes.').finish();
    await client.ended(answer.body);
    return { turn, answer };
  }

  it.each([
    ['no header', undefined],
    ['a header that is nonsense', 'nonsense'],
    ['the forbidden version', `ff-${TRACE}-${CALLER}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${CALLER}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capital letters', TRACEPARENT.toUpperCase()],
    ['more fields than version 00 has', `${TRACEPARENT}-more`],
    ['a very long header', `00-${TRACE}-${CALLER}-01-${'x'.repeat(5000)}`],
  ])('%s begins a new trace', async (_what, traceparent) => {
    await start();
    const { answer } = await run('new?', traceparent === undefined ? {} : { traceparent });
    const id = answer.headers.get('x-trace-id');
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(id).not.toBe(TRACE);
    const spans = await collector.traceWith('invoke_agent clerk');
    expect(spans[0]?.trace_id).toBe(id);
  });

  it('a header of a later version is understood', async () => {
    await start();
    const { answer } = await run('later?', { traceparent: `01-${TRACE}-${CALLER}-01-more` });
    expect(answer.headers.get('x-trace-id')).toBe(TRACE);
  });

  it('a client can turn the recording of its trace off; it is handed on all the same', async () => {
    await start();
    const { turn } = await run('off?', { traceparent: `00-${TRACE}-${CALLER}-00` });
    expect(turn.headers['traceparent']).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    await run('on?');
    await collector.traceWith('invoke_agent clerk');
    expect(collector.spans.filter(({ trace_id }) => trace_id === TRACE)).toEqual([]);
  });

  it('a client cannot turn recording on when the ratio says no', async () => {
    await start({ TRACE_SAMPLE_RATIO: '0' });
    const { turn } = await run('sampled?', { traceparent: TRACEPARENT });
    expect(turn.headers['traceparent']).toMatch(/-00$/);
    await app.nest.close(); // sends what is left
    expect(collector.spans).toEqual([]);
  });

  it('content is recorded if TRACE_CONTENT is on', async () => {
    await start({ TRACE_CONTENT: 'on', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });
    const chat = await client.newChat();
    const { body } = await client.post(`/api/chats/${chat}/messages`, {
      content: 'What is there?',
      agent: 'chief',
    });
    (await model.next('What is there?')).toolCall('list_files', {}, 'c1').finish();
    (await model.next('What is there?')).text('No files.').finish();
    await client.ended(body);
    const spans = await collector.traceWith('invoke_agent chief');
    const asked = named(spans, 'chat scripted').map(({ attributes }) => [
      JSON.parse(String(attributes['gen_ai.input.messages'])),
      JSON.parse(String(attributes['gen_ai.output.messages'])),
    ]);
    expect(asked[0]?.[0]).toContainEqual({
      role: 'user',
      parts: [{ type: 'text', content: 'What is there?' }],
    });
    expect(asked.map(([, output]) => output)).toContainEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'No files.' }], finish_reason: 'stop' },
    ]);
    expect(named(spans, 'execute_tool list_files')[0]?.attributes).toMatchObject({
      'gen_ai.tool.call.arguments': '{}',
      'gen_ai.tool.call.result': expect.any(String),
    });
    expect(collector.requests[0]?.headers['content-type']).toBe('application/json');
  });

  it('a workflow, and a tool name that the model made up, have names of few values', async () => {
    await start();
    const chat = await client.newChat();
    const { body } = await client.post(`/api/chats/${chat}/messages`, { content: 'made up?', agent: 'line' });
    (await model.next('made up?')).toolCall('x'.repeat(64), {}).finish();
    (await model.next('made up?')).text('Done.').finish();
    await client.ended(body);
    const spans = await collector.traceWith('invoke_workflow line');
    expect(named(spans, 'invoke_workflow line')[0]?.attributes['gen_ai.operation.name']).toBe(
      'invoke_workflow',
    );
    expect(named(spans, 'execute_tool unknown')[0]).toMatchObject({
      status: 2,
      attributes: { 'error.type': 'unknown_tool' },
    });
  });

  it('a failed model request, and a failed run, are errors with their codes', async () => {
    await start({ MODEL_RETRIES: '0' });
    const { body } = await client.post(`/api/chats/${await client.newChat()}/messages`, {
      content: 'fail?',
      agent: 'clerk',
    });
    (await model.next('fail?')).fail(400);
    await client.ended(body);
    const spans = await collector.traceWith('invoke_agent clerk');
    for (const name of ['invoke_agent clerk', 'chat scripted'])
      expect(named(spans, name)[0]).toMatchObject({
        status: 2,
        attributes: { 'error.type': 'model_rejected' },
      });
  });

  it('LangSmith gets the same spans with its own headers and names, and each target only its own headers', async () => {
    const langSmith = await OtlpReceiver.start();
    try {
      // Set for the whole process, too, as on a real server.
      process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'x-collector=c1';
      await start({
        OTEL_EXPORTER_OTLP_HEADERS: 'x-collector=c1, x-more=a%20b',
        LANGSMITH_ENDPOINT: `${langSmith.url}/`,
        LANGSMITH_API_KEY: 'lsv2_secret_key',
        LANGSMITH_PROJECT: 'my project',
      });
      await run('both?', {}, { agent: 'line' });
      const spans = await langSmith.traceWith('invoke_workflow line');
      await collector.traceWith('invoke_workflow line');
      expect(named(spans, 'chat scripted')[0]?.attributes).toMatchObject({
        'langsmith.trace.name': 'scripted_llm_call',
        'langsmith.span.kind': 'llm',
      });
      expect(named(spans, 'invoke_workflow line')[0]?.attributes).toMatchObject({
        'langsmith.trace.name': 'line_orchestrator',
        'langsmith.span.kind': 'chain',
      });
      const [there, here] = [langSmith.requests[0], collector.requests[0]];
      expect(there).toMatchObject({
        path: '/otel/v1/traces',
        headers: { 'x-api-key': 'lsv2_secret_key', 'langsmith-project': 'my project' },
      });
      expect(there?.headers['x-collector']).toBeUndefined();
      expect(here?.headers).toMatchObject({ 'x-collector': 'c1', 'x-more': 'a b' });
      expect(here?.headers['x-api-key']).toBeUndefined();
    } finally {
      delete process.env['OTEL_EXPORTER_OTLP_HEADERS'];
      await langSmith.stop();
    }
  });

  it('that refuses, runs are answered, and a diagnosis says so until it works again', async () => {
    collector.refuseWith = 400;
    await start();
    await run('refused?');
    const diagnosis = async () => (await client.get('/health/diagnose?symptom=traces_missing')).body;
    const failing = async () => (await diagnosis()).findings[0];
    await until('the failure is noticed', async () => (await failing()).status !== 'ok');
    expect(await failing()).toMatchObject({ check: 'traces', status: 'warn', code: 'failing' });
    collector.refuseWith = undefined;
    await run('taken?');
    await collector.traceWith('invoke_agent clerk');
    await until('the recovery is noticed', async () => (await failing()).status === 'ok');
  });
});

describe('a process that stops', () => {
  it('sends what is left', async () => {
    const app = await startTestApp({ ...env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    await new Client(app.url).get('/api/agents');
    await app.destroy();
    expect(collector.spans.map(({ name }) => name)).toEqual(['GET /api/agents']);
  });

  it('does not wait long for a collector that hangs', async () => {
    collector.hangs = true;
    const server = await ServerProcess.start({
      env: { ...env, ...shared(), OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    });
    await new Client(server.url).get('/api/agents');
    expect((await server.terminate()).code).toBe(0);
  });
});

describe('without a collector', () => {
  it('nothing of OpenTelemetry is loaded, and a trace that a client brings is handed on', async () => {
    const server = await ServerProcess.start({ env: { ...env, ...shared(), LOG_LEVEL: 'info' } });
    const client = new Client(server.url);
    const chat = await client.newChat();
    const plain = await client.get('/api/agents');
    expect(plain.headers.get('x-trace-id')).toBeNull();
    const answer = await client.post(
      `/api/chats/${chat}/messages`,
      { content: 'on?', agent: 'clerk' },
      { traceparent: TRACEPARENT },
    );
    expect(answer.headers.get('x-trace-id')).toBe(TRACE);
    const turn = await model.next('on?');
    expect(turn.headers['traceparent']).toBe(TRACEPARENT);
    turn.text('Yes.').finish();
    await client.ended(answer.body);
    await server.terminate();
    expect(server.output).toContain(`"trace_id":"${TRACE}"`);
  });
});
