import type { StreamEvent } from '@reprise/protocol';
import { startTestApp, type TestApp } from '../support/app.js';
import { answerOf, Client } from '../support/client.js';
import { calls, frame, Provider, refuses, says, stream, type Answer } from '../support/provider.js';

// What model servers reject, and how much they accept: seen through the HTTP API, with a model server over real HTTP.

let provider: Provider;
let app: TestApp;

async function setup(
  answers: Answer[],
  env: Record<string, string> = {},
  pages: Record<string, unknown> = {},
) {
  provider = await Provider.start(...answers);
  Object.assign(provider.pages, pages);
  app = await startTestApp({ ...provider.env, MODEL_RETRIES: '0', ...env });
  const client = new Client(app.url);
  return { client, chat: await client.newChat() };
}

afterEach(async () => {
  await app.destroy();
  await provider.stop();
});

const statuses = (events: readonly StreamEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'status' ? [event.text] : []));
const errorOf = (events: readonly StreamEvent[]) => events.find((event) => event.type === 'error');
const contents = (request = 0): string[] =>
  provider.asked[request]?.body.messages.map(({ content }: { content: string }) => content);
const words = (count: number): string => 'lorem '.repeat(count);

describe('a server that does not accept a part of the request', () => {
  const refusal = refuses(422, {
    detail: [
      { type: 'extra_forbidden', loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' },
    ],
  });

  it('is retried without stream_options, which is reported, and never with it afterwards', async () => {
    const { client, chat } = await setup([refusal, says('Hello.')]);
    const first = await client.ended(await client.send(chat, 'hi'));
    expect(answerOf(first)).toBe('Hello.');
    expect(statuses(first)).toEqual([expect.stringContaining('`stream_options`')]);
    const second = await client.ended(await client.send(chat, 'again'));
    expect(statuses(second)).toEqual([]);
    expect(provider.asked.map(({ body }) => 'stream_options' in body)).toEqual([true, false, false]);
    expect(provider.asked.every(({ body }) => body.stream === true && body.tools.length > 0)).toBe(true);
  });

  it('is retried without tools, which every run is told', async () => {
    const noTools = refuses(400, {
      error: { message: 'registry.ollama.ai/library/gemma:2b does not support tools' },
    });
    const { client, chat } = await setup([noTools, says('Hello.')]);
    const first = await client.ended(await client.send(chat, 'hi'));
    expect(answerOf(first)).toBe('Hello.');
    const second = await client.ended(await client.send(chat, 'again'));
    for (const events of [first, second])
      expect(statuses(events)).toEqual([expect.stringContaining('tools')]);
    expect(provider.asked.map(({ body }) => 'tools' in body)).toEqual([true, false, false]);
  });

  it('may reject one part after another', async () => {
    const noTools = refuses(400, { error: { message: 'm does not support tools' } });
    const { client, chat } = await setup([refusal, noTools, says('Hello.')]);
    expect(answerOf(await client.ended(await client.send(chat, 'hi')))).toBe('Hello.');
    expect(provider.asked).toHaveLength(3);
  });

  it('is not retried endlessly: a rejection that does not go away is an error', async () => {
    const { client, chat } = await setup([refusal]);
    expect(errorOf(await client.ended(await client.send(chat, 'hi')))).toMatchObject({
      code: 'model_rejected',
    });
    expect(provider.asked).toHaveLength(2);
  });

  it('is not sent it if a setting says so', async () => {
    const { client, chat } = await setup([says('Hello.')], { MODEL_TOOLS: 'off', MODEL_STREAM_USAGE: 'off' });
    const events = await client.ended(await client.send(chat, 'hi'));
    expect(statuses(events)).toEqual([]);
    expect(Object.keys(provider.asked[0]?.body).sort()).toEqual(['messages', 'model', 'stream']);
  });

  it('is sent it anyway if a setting says so', async () => {
    const { client, chat } = await setup([refusal], { MODEL_STREAM_USAGE: 'on' });
    expect(errorOf(await client.ended(await client.send(chat, 'hi')))).toMatchObject({
      code: 'model_rejected',
    });
    expect(provider.asked).toHaveLength(1);
  });
});

describe('a conversation longer than the context window', () => {
  const overflow = refuses(400, {
    error: {
      code: 400,
      message: 'request (9123 tokens) exceeds the available context size (4096 tokens), try increasing it',
      type: 'exceed_context_size_error',
      n_prompt_tokens: 9123,
      n_ctx: 4096,
    },
  });
  const size = (request: number): number => JSON.stringify(provider.asked[request]?.body.messages).length;

  it('is shortened to what the rejection says, once, and the chat continues', async () => {
    const { client, chat } = await setup([says('one'), says('two'), overflow, says('three'), says('four')]);
    await client.ended(await client.send(chat, words(2500)));
    await client.ended(await client.send(chat, words(2500)));
    const third = await client.ended(await client.send(chat, 'And now?'));
    expect(answerOf(third)).toBe('three');
    expect(statuses(third)).toEqual([expect.stringContaining('4096 tokens')]);
    expect(size(3)).toBeLessThan(size(2) / 2);
    expect(contents(3).at(-1)).toBe('And now?');
    expect(answerOf(await client.ended(await client.send(chat, 'And then?')))).toBe('four');
    expect(provider.asked).toHaveLength(5);
    expect(contents(4)).toContain('three');
  });

  it('is shortened if the server names no number', async () => {
    const unnamed = refuses(400, { error: 'the input length exceeds the context length' });
    const { client, chat } = await setup([says('one'), unnamed, says('two'), says('three')]);
    await client.ended(await client.send(chat, words(5000)));
    expect(answerOf(await client.ended(await client.send(chat, 'And now?')))).toBe('two');
    expect(answerOf(await client.ended(await client.send(chat, 'And then?')))).toBe('three');
    expect(provider.asked).toHaveLength(4);
  });

  it('is an error that says what to do if the question alone is too long, after one request', async () => {
    const { client, chat } = await setup([overflow, says('fine')]);
    const sent = await client.send(chat, words(5000));
    const error = errorOf(await client.ended(sent));
    expect(error).toMatchObject({
      code: 'model_rejected',
      retryable: false,
      error: expect.stringMatching(/too long.*4096 tokens.*Send a shorter message/),
      cause: { status: 400, type: 'exceed_context_size_error' },
    });
    expect(provider.asked).toHaveLength(1);
    expect((await client.message(sent.message_id)).run.error).toMatchObject({ cause: { status: 400 } });
    expect(answerOf(await client.ended(await client.send(chat, 'short')))).toBe('fine');
  });

  it.each([
    ['MODEL_CONTEXT_TOKENS', { MODEL_CONTEXT_TOKENS: '4096' }, {}],
    [
      'the list of models',
      {},
      {
        '/v1/models': {
          data: [
            { id: 'm', max_model_len: 4096 },
            { id: 'n', max_model_len: 9 },
          ],
        },
      },
    ],
    [
      'the list of a gateway',
      {},
      {
        '/v1/models': { data: [{ id: 'm', context_length: 99999, top_provider: { context_length: 4096 } }] },
      },
    ],
    [
      'llama.cpp',
      {},
      { '/v1/models': { data: [{ id: 'x.gguf', meta: { n_ctx: 4096, n_ctx_train: 131072 } }] } },
    ],
    [
      "llama.cpp's properties",
      {},
      { '/props': { default_generation_settings: { n_ctx: 4096 }, total_slots: 1 } },
    ],
  ])('fits from the beginning if %s names the window', async (_how, env, pages) => {
    const { client, chat } = await setup([says('one'), says('two')], env, pages);
    await client.ended(await client.send(chat, words(5000)));
    const second = await client.ended(await client.send(chat, 'And now?'));
    expect(statuses(second)).toEqual([expect.stringContaining('4096 tokens')]);
    expect(size(1)).toBeLessThan(4096 * 4);
    expect(contents(1).join()).toMatch(/characters were left out here/);
  });
});

describe('text pasted in the previous message', () => {
  it.each([
    ['Latin', words(12_200)],
    ['Chinese', '合同条款要求。'.repeat(4000)],
  ])('is clipped, with a mark, and not forgotten: %s', async (_script, paste) => {
    const { client, chat } = await setup([says('It is long.'), says('Lorem.')]);
    await client.ended(await client.send(chat, paste));
    await client.ended(await client.send(chat, 'What did I paste?'));
    const [, pasted = '', answer, question] = contents(1);
    expect(pasted.startsWith(paste.slice(0, 5000))).toBe(true);
    expect(pasted).toMatch(/\[… \d+ of \d+ characters were left out here/);
    expect([answer, question]).toEqual(['It is long.', 'What did I paste?']);
  });
});

describe('tool results of one run', () => {
  it('stay within their budget, the oldest clipped first, and whole in /tool-calls', async () => {
    const file = (name: string) => ({ path: name, content: words(8000) });
    const { client, chat } = await setup(
      [
        calls('write_file', file('a.md'), file('b.md')),
        calls('read_file', { path: 'a.md' }),
        calls('read_file', { path: 'b.md' }),
        says('Done.'),
      ],
      { TOOL_RESULTS_MAX_TOKENS: '15000' },
    );
    const sent = await client.send(chat, 'go');
    expect(answerOf(await client.ended(sent))).toBe('Done.');
    const results = provider.asked[3]?.body.messages
      .filter(({ role }: { role: string }) => role === 'tool')
      .map(({ content }: { content: string }) => content) as string[];
    expect(results[2]).toMatch(/\[… \d+ of \d+ characters were left out here: .*\/tool-calls/);
    expect(results[2]?.length).toBeLessThan(3000);
    expect(results[3]?.length).toBeGreaterThan(40_000);
    const { body } = await client.get(`/api/messages/${sent.message_id}/tool-calls`);
    expect(body[2].result.length).toBeGreaterThan(40_000);
  });
});

describe('a sign of life', () => {
  it.each([
    ['before the answer', ''],
    ['inside of the answer', frame({ content: 'A' })],
  ])('is any byte from the server, %s', async (_when, begun) => {
    const pings: Answer = (_request, response) => {
      stream(response).write(begun);
      let left = 8;
      const timer = setInterval(() => {
        response.write(': keep-alive\n\n');
        if (--left > 0) return;
        clearInterval(timer);
        response.end(`${frame({ content: 'B' })}${frame({}, 'stop')}data: [DONE]\n\n`);
      }, 150);
    };
    const { client, chat } = await setup([pings], { MODEL_TIMEOUT_MS: '600', MODEL_STALL_MS: '600' });
    const events = await client.ended(await client.send(chat, 'hi'));
    expect(answerOf(events)).toBe(begun === '' ? 'B' : 'AB');
    expect(provider.asked).toHaveLength(1);
  });

  it('does not keep a complete answer open', async () => {
    const forever: Answer = (_request, response) => {
      stream(response).write(`${frame({ content: 'A' })}${frame({}, 'stop')}data: [DONE]\n\n`);
      const timer = setInterval(() => response.write(': keep-alive\n\n'), 50);
      response.on('close', () => {
        clearInterval(timer);
      });
    };
    const { client, chat } = await setup([forever], { RUN_TIMEOUT_MS: '15000' });
    expect((await client.ended(await client.send(chat, 'hi'))).at(-1)).toMatchObject({ status: 'completed' });
  });

  it('does not keep a run longer than RUN_TIMEOUT_MS', async () => {
    const forever: Answer = (_request, response) => {
      stream(response);
      const timer = setInterval(() => response.write(': keep-alive\n\n'), 50);
      response.on('close', () => {
        clearInterval(timer);
      });
    };
    const { client, chat } = await setup([forever], { MODEL_TIMEOUT_MS: '300', RUN_TIMEOUT_MS: '1200' });
    expect(errorOf(await client.ended(await client.send(chat, 'hi')))).toMatchObject({ code: 'run_timeout' });
  });
});

describe('something at OPENAI_BASE_URL that is not a model', () => {
  const page = '<!DOCTYPE html><html><body>Welcome</body></html>';
  it.each([
    ['a web site', refuses(200, page, { 'content-type': 'text/html' })],
    ['a web page without a type', refuses(200, `\n${page}`, { 'content-type': 'application/octet-stream' })],
    ['a page that is not there', refuses(404, page, { 'content-type': 'text/html' })],
    ['a page that cannot be posted to', refuses(405, page, { 'content-type': 'text/html' })],
  ])('%s: reported at once', async (_what, answer) => {
    const { client, chat } = await setup([answer], { MODEL_RETRIES: '3' });
    expect(errorOf(await client.ended(await client.send(chat, 'hi')))).toMatchObject({
      error: expect.stringContaining('did not respond like an OpenAI API. Check OPENAI_BASE_URL'),
      retryable: false,
    });
    expect(provider.asked).toHaveLength(1);
  });
});

describe('what the provider said', () => {
  it('is in the events and in the run, without secrets and bounded', async () => {
    const said = `Incorrect API key provided: sk-very-secret-key, see https://u:pw@host/?key=abcdef ${'x'.repeat(2000)}`;
    const { client, chat } = await setup([
      refuses(401, { error: { message: said, code: 'invalid_api_key' } }),
    ]);
    const sent = await client.send(chat, 'hi');
    const error = errorOf(await client.ended(sent)) as StreamEvent<'error'>;
    expect(error.error).not.toContain('Incorrect');
    expect(error.cause).toMatchObject({
      status: 401,
      code: 'invalid_api_key',
      message: expect.stringMatching(/^Incorrect API key/),
    });
    expect(error.cause?.message?.length).toBeLessThanOrEqual(500);
    expect(JSON.stringify(error)).not.toMatch(/sk-very|u:pw|abcdef/);
    expect((await client.message(sent.message_id)).run.error.cause).toEqual(error.cause);
  });
});
