import { LLMock, type ChatCompletionRequest } from '@copilotkit/aimock';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OpenAiModel } from '../../src/models/openai/openai-model.js';
import { SystemClock } from '../../src/common/index.js';
import { loadSettings } from '../../src/platform/config/index.js';
import { InstantPause, newRun, startWorld, type AgentWorld } from './support.js';
import { TestTools } from './test-tools.js';

// The real `openai` client speaks HTTP with a scripted provider; the tests check which events a run emits.

let world: AgentWorld;
let provider: LLMock;
const tools = new TestTools();

beforeAll(async () => {
  world = await startWorld(tools);
  provider = new LLMock({ port: 0, logLevel: 'silent', chunkSize: 8 });
  await provider.start();
});
afterAll(async () => {
  await provider.stop();
  await world.close();
});
beforeEach(() => {
  provider.reset();
  tools.echoed.length = 0;
});

function setup(env: Record<string, string> = {}, url = `${provider.url}/v1`) {
  const all = {
    OPENAI_BASE_URL: url,
    OPENAI_API_KEY: 'sk-very-secret',
    MODEL_TIMEOUT_MS: '5000',
    MODEL_STALL_MS: '5000',
    ...env,
  };
  const model = new OpenAiModel(loadSettings(all), new SystemClock());
  const pause = new InstantPause();
  const run = newRun();
  return {
    model,
    pause,
    run,
    work: () => world.agent(model, { pause, tools: ['echo'], env: { MODEL_RETRIES: '2' } }).run(run),
  };
}

const afterTools = { hasToolResult: true };
const requests = () => provider.getRequests().map(({ body }) => body as ChatCompletionRequest);

/** A provider of raw bytes, for what no well-behaved one sends. */
async function rawProvider(
  ...answers: RequestListener[]
): Promise<{ url: string; server: Server; calls: () => number }> {
  let calls = 0;
  const server = createServer((request, response) => {
    const answer = answers[Math.min(calls++, answers.length - 1)];
    request.resume().on('end', () => answer?.(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, server, calls: () => calls };
}

const frame = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

const streams =
  (...frames: string[]): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(frames.join(''));
  };

describe('an OpenAI-compatible provider', () => {
  it('streams text, and counts tokens', async () => {
    provider.onMessage('CSR', {
      content: 'The contractor reports every year.',
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
    });
    const { run, work } = setup();
    const outcome = await work();
    expect(run.sink.shape).toEqual(['content']);
    expect(run.sink.of('content').length).toBeGreaterThan(2);
    expect(outcome).toEqual({
      status: 'completed',
      text: 'The contractor reports every year.',
      tool_calls: 0,
      model: 'gpt-4.1-mini',
    });
    expect(run.usage.total).toEqual({ prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 });
    expect(requests()[0]).toMatchObject({
      model: 'gpt-4.1-mini',
      stream: true,
      stream_options: { include_usage: true },
      tools: [{ type: 'function', function: { name: 'echo' } }],
    });
  });

  it('calls tools in parallel, their arguments split over many chunks', async () => {
    const long = 'a long text that comes in many pieces';
    provider.on(afterTools, { content: 'Done.' });
    provider.onMessage('CSR', {
      toolCalls: [
        { id: 'call_1', name: 'echo', arguments: JSON.stringify({ text: long }) },
        { id: 'call_2', name: 'echo', arguments: JSON.stringify({ text: 'two' }) },
      ],
    });
    const { run, work } = setup();
    expect(await work()).toMatchObject({ status: 'completed', text: 'Done.', tool_calls: 2 });
    expect(tools.echoed).toEqual([long, 'two']);
    expect(run.sink.of('tool_start').map(({ call_id, args_summary }) => [call_id, args_summary])).toEqual([
      ['call_1', `text='${long}'`],
      ['call_2', "text='two'"],
    ]);
    expect(run.sink.of('tool_end').map(({ status }) => status)).toEqual(['ok', 'ok']);
    expect(requests()[1]?.messages.slice(-3)).toMatchObject([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function' }, { id: 'call_2' }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: `echo of ${long}` },
      { role: 'tool', tool_call_id: 'call_2', content: 'echo of two' },
    ]);
  });

  it('does not send a provider fields of a message that only this server knows', async () => {
    provider.on(afterTools, { content: 'Done.' });
    provider.onMessage('CSR', { toolCalls: [{ id: 'call_1', name: 'nope', arguments: '{}' }] });
    const { run, work } = setup();
    await work();
    expect(run.sink.of('tool_end')).toMatchObject([{ error_code: 'unknown_tool' }]);
    const [result] = (requests()[1]?.messages ?? []).slice(-1);
    expect(Object.keys(result ?? {}).sort()).toEqual(['content', 'role', 'tool_call_id']);
  });

  it('may write malformed arguments: the model is told, and the provider gets none back', async () => {
    const { url, server } = await rawProvider(
      streams(
        frame({
          tool_calls: [
            { index: 0, id: 'c', type: 'function', function: { name: 'echo', arguments: '{"text": "o' } },
          ],
        }),
        frame({}, 'tool_calls'),
      ),
      streams(frame({ content: 'Sorry.' }), frame({}, 'stop')),
    );
    const { run, work } = setup({}, url);
    expect(await work()).toMatchObject({ status: 'completed', text: 'Sorry.' });
    expect(run.sink.of('tool_end')).toMatchObject([
      { status: 'error', result_summary: expect.stringContaining('not valid JSON') },
    ]);
    server.close();
  });

  it('thinks', async () => {
    provider.onMessage('CSR', { content: 'ok', reasoning: 'I check the annex.' });
    const { run, work } = setup();
    await work();
    expect(run.sink.bodies[0]).toEqual({ type: 'rationale', text: 'I check the annex.' });
  });

  it('that rate limits requests is retried when it said so', async () => {
    let calls = 0;
    provider.onMessage('CSR', () =>
      ++calls === 1 ? { error: { message: 'slow down' }, status: 429, retryAfter: 3 } : { content: 'ok' },
    );
    const { run, pause, work } = setup();
    expect(await work()).toMatchObject({ status: 'completed', text: 'ok' });
    expect(run.sink.bodies[0]).toMatchObject({
      type: 'status',
      text: 'The model provider is rate limiting our requests. Retrying in 3s.',
      cause: { status: 429, message: 'slow down' },
    });
    expect(pause.waits).toEqual([3000]);
    expect(requests()).toHaveLength(2);
  });

  it('that fails is retried as often as MODEL_RETRIES says, and no more', async () => {
    provider.onMessage('CSR', { error: { message: 'oops' }, status: 500 });
    const { run, work } = setup();
    expect(await work()).toMatchObject({
      status: 'error',
      error: { code: 'model_unavailable', retryable: true },
    });
    expect(requests()).toHaveLength(3);
    expect(run.sink.of('status')).toHaveLength(2);
  });

  it.each([
    [
      400,
      'context_length_exceeded',
      'The message is too long for the model: together with the instructions and tools it does not fit the context window. Send a shorter message, or choose a model with a larger window.',
    ],
    [
      401,
      'invalid_api_key',
      'The model provider rejected the request (HTTP 401, invalid_api_key). Check OPENAI_API_KEY.',
    ],
    [
      404,
      'model_not_found',
      'The model provider rejected the request (HTTP 404, model_not_found). Check OPENAI_MODEL and OPENAI_BASE_URL.',
    ],
  ])('that rejects with %i is not retried, and its own words stay inside', async (status, code, error) => {
    provider.onMessage('CSR', { error: { message: 'Incorrect key sk-very-secret', code }, status });
    const outcome = await setup().work();
    expect(outcome.error).toEqual({
      error,
      code: 'model_rejected',
      retryable: false,
      cause: expect.objectContaining({ status, code, message: 'Incorrect key [redacted]' }),
    });
    expect(requests()).toHaveLength(1);
  });

  it('without credit is not retried', async () => {
    provider.onMessage('CSR', { error: { message: 'pay', code: 'insufficient_quota' }, status: 429 });
    expect(await setup().work()).toMatchObject({ error: { code: 'model_rate_limited', retryable: false } });
    expect(requests()).toHaveLength(1);
  });

  it('whose stream is cut in the middle continues, and the user sees one answer', async () => {
    const whole = 'The contractor reports on working conditions every year.';
    provider.on({ userMessage: /cut off by a connection failure/ }, { content: whole });
    provider.onMessage('CSR', { content: whole }, { truncateAfterChunks: 4, latency: 5 });
    const { run, work } = setup();
    expect(await work()).toMatchObject({ status: 'completed', text: whole });
    expect(run.sink.shape).toEqual(['content', 'status', 'content']);
    expect(requests()[1]?.messages.at(-2)).toMatchObject({
      role: 'assistant',
      content: expect.stringMatching(/^The contractor/),
    });
  });

  it.each([
    ['ends without a finish reason', streams(frame({ content: 'half' }))],
    ['sends something that is no JSON', streams(frame({ content: 'half' }), 'data: {oops\n\n')],
  ])('that %s counts as cut', async (_how, answer) => {
    const { url, server } = await rawProvider(answer);
    const { work } = setup({}, url);
    expect(await work()).toMatchObject({
      status: 'error',
      text: 'half',
      error: { code: 'model_stream_broken', error: 'The connection to the model was lost.' },
    });
    server.close();
  });

  it('that stalls is given up and retried', async () => {
    const { url, server, calls } = await rawProvider(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(frame({ content: 'Hello' }));
      },
      streams(frame({ content: ' world' }), frame({}, 'stop')),
    );
    const { run, work } = setup({ MODEL_STALL_MS: '40' }, url);
    expect(await work()).toMatchObject({ status: 'completed', text: 'Hello world' });
    expect(run.sink.of('status')[0]?.text).toMatch(/^The model took too long to answer\. Retrying in \ds\.$/);
    expect(calls()).toBe(2);
    server.closeAllConnections();
    server.close();
  });

  it('that never starts times out', async () => {
    const { url, server, calls } = await rawProvider(() => undefined);
    const { work } = setup({ MODEL_TIMEOUT_MS: '40' }, url);
    expect(await work()).toMatchObject({ error: { code: 'model_timeout', retryable: true } });
    expect(calls()).toBe(3);
    server.closeAllConnections();
    server.close();
  });

  it('that is not there is unavailable', async () => {
    const { work, model } = setup({}, 'http://127.0.0.1:9/v1');
    expect(await work()).toMatchObject({
      error: { code: 'model_unavailable', error: 'The model provider could not be reached.' },
    });
    expect(await model.check()).toMatchObject({ ok: false });
  });

  it('is disconnected when the run is cancelled', async () => {
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const { url, server } = await rawProvider((_request, response) => {
      response.on('close', closed);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(frame({ content: 'Hello' }));
    });
    const controller = new AbortController();
    const { model } = setup({}, url);
    const run = newRun({ signal: controller.signal });
    const outcome = world.agent(model).run(run);
    await run.sink.seen((body) => body.type === 'content');
    controller.abort(new Error('cancelled by the user'));
    await expect(outcome).rejects.toThrow('cancelled by the user');
    await gone;
    server.close();
  });

  it('has its calls distinguished by id if it numbers them all 0, and a reasoning field of any name joined', async () => {
    const call = (id: string, args: string) =>
      frame({
        tool_calls: [{ index: 0, id, type: 'function', function: { name: 'echo', arguments: args } }],
      });
    const { url, server } = await rawProvider(
      streams(
        frame({ reasoning: 'hm' }),
        call('a', '{"text":"one"}'),
        call('b', '{"text":"two"}'),
        frame({}, 'stop'),
      ),
      streams(frame({ content: 'ok' }), frame({}, 'stop')),
    );
    const { run, work } = setup({}, url);
    await work();
    expect(tools.echoed).toEqual(['one', 'two']);
    expect(run.sink.of('rationale')).toEqual([{ type: 'rationale', text: 'hm' }]);
    server.close();
  });
});

describe('the readiness check', () => {
  it('lists models, which costs nothing, and caches the answer', async () => {
    let path: string | undefined;
    const { url, server, calls } = await rawProvider((request, response) => {
      path = request.url;
      response.setHeader('content-type', 'application/json');
      response.end('{"object":"list","data":[]}');
    });
    const { model } = setup({}, url);
    expect(await model.check()).toEqual({ ok: true, detail: `gpt-4.1-mini at ${new URL(url).host}` });
    await model.check();
    expect([calls(), path]).toEqual([1, '/v1/models']);
    server.close();
  });

  it.each([
    [404, true],
    [401, false],
    [503, false],
  ])('a provider that answers %i: %s', async (status, ok) => {
    const { url, server } = await rawProvider((_request, response) => response.writeHead(status).end());
    expect(await setup({}, url).model.check()).toMatchObject({ ok });
    server.close();
  });
});
