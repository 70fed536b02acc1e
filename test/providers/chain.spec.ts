import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StreamEvent } from '@reprise/protocol';
import { startTestApp, type TestApp } from '../support/app.js';
import { answerOf, Client } from '../support/client.js';
import {
  callingMessage,
  message,
  messageEnd,
  messageStart,
  sends,
  textBlock,
  thinkingBlock,
  toolBlock,
} from '../support/messages-api.js';
import { calls, frame, Provider, refuses, says, stream, type Answer } from '../support/provider.js';

// A chain of two providers over real HTTP, seen through the API: failover, what a run cost, and health.

const folder = mkdtempSync(join(tmpdir(), 'chain-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function fileOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const PRICES = fileOf(
  'prices.yaml',
  `currency: USD
models:
  openai:gpt-x: { input: 1, output: 10 }
  anthropic:claude-x: { input: 3, cached_input: 0.3, output: 15 }
`,
);

let openai: Provider;
let anthropic: Provider;
let app: TestApp | undefined;
beforeEach(async () => {
  openai = await Provider.start();
  anthropic = await Provider.start(sends(message(textBlock(0, 'Hi.'))));
});
afterEach(async () => {
  await app?.destroy();
  app = undefined;
  await openai.stop();
  await anthropic.stop();
});

const env = (): Record<string, string> => ({
  ...openai.env,
  ANTHROPIC_BASE_URL: `http://127.0.0.1:${anthropic.port}`,
  ANTHROPIC_API_KEY: 'sk-ant-secret',
  MODEL_CHAIN: 'openai:gpt-x, anthropic:claude-x',
  MODEL_PRICES_FILE: PRICES,
  MODEL_RETRIES: '0',
});

async function start(more: Record<string, string> = {}) {
  app = await startTestApp({ ...env(), ...more });
  const client = new Client(app.url);
  return { client, chat: await client.newChat(), url: app.url };
}

const endOf = (events: readonly StreamEvent[]) =>
  events.find((event): event is StreamEvent<'end'> => event.type === 'end');

/** Says half of a sentence and breaks. */
const breaks =
  (text: string): Answer =>
  (_request, response) => {
    const usage =
      'data: {"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":5,"total_tokens":105}}\n\n';
    stream(response).write(frame({ content: text }) + usage, () => response.destroy());
  };

describe('a chain of models', () => {
  it('continues in the middle of a sentence at the other provider, and costs what both have cost', async () => {
    openai.answers = [breaks('The contractor reports ')];
    const usage = { input_tokens: 50, cache_read_input_tokens: 150, output_tokens: 1 };
    anthropic.answers = [
      sends(
        messageStart(usage),
        thinkingBlock(0, 'Go on.'),
        textBlock(1, 'every year.'),
        messageEnd('end_turn', { output_tokens: 20 }),
      ),
    ];
    const { client, chat, url } = await start();
    const sent = await client.send(chat, 'When?');
    const events = await client.ended(sent);
    expect(answerOf(events)).toBe('The contractor reports every year.');
    const cost = { currency: 'USD', amount: 0.000645 };
    expect(endOf(events)).toMatchObject({
      status: 'completed',
      model: 'claude-x',
      usage: { prompt_tokens: 300, completion_tokens: 25, total_tokens: 325 },
      cost,
    });
    const { message_id } = events[0] as StreamEvent;
    const stored = (await (await fetch(`${url}/api/messages/${message_id}`)).json()) as { run: object };
    expect(stored.run).toMatchObject({ model: 'claude-x', cost });
    expect(events.filter(({ type }) => type === 'status')).toMatchObject([
      { text: 'The model is not available. Another one continues.' },
    ]);
    // Neither the user nor the other provider learns who failed, or with which key.
    expect(JSON.stringify(events)).not.toMatch(/openai|OPENAI|sk-/);
  });

  it('keeps parallel calls of one provider for the other', async () => {
    openai.answers = [calls('list_files', {}, {}), refuses(500, {})];
    anthropic.answers = [sends(message(textBlock(0, 'Two calls.')))];
    const { client, chat } = await start();
    const events = await client.ended(await client.send(chat, 'List'));
    expect(answerOf(events)).toBe('Two calls.');
    const ids = events.flatMap((event) => (event.type === 'tool_start' ? [event.call_id] : []));
    expect(new Set(ids).size).toBe(2);
    const { content } =
      (anthropic.asked[0]?.body as { messages: { content: object[] }[] }).messages.at(-1) ?? {};
    expect(content).toMatchObject([{ type: 'tool_result' }, { type: 'tool_result' }]);
  });

  it('remembers thinking for the next message of the chat', async () => {
    anthropic.answers = [
      sends(callingMessage(thinkingBlock(0, 'I list.', 'c2ln'), toolBlock(1, 'toolu_1', 'list_files', '{}'))),
      sends(message(textBlock(0, 'Nothing.'))),
    ];
    const { client, chat } = await start({
      MODEL_CHAIN: 'anthropic:claude-x',
      ANTHROPIC_THINKING_TOKENS: '1024',
    });
    await client.ended(await client.send(chat, 'List'));
    await client.ended(await client.send(chat, 'Again'));
    const turns = anthropic.asked.at(-1)?.body.messages;
    expect(turns[1].content).toEqual([
      { type: 'thinking', thinking: 'I list.', signature: 'c2ln' },
      { type: 'tool_use', id: 'toolu_1', name: 'list_files', input: {} },
    ]);
  });

  it('passes over a model that keeps failing, which health shows, and asks it again later', async () => {
    openai.answers = [refuses(503, {})];
    const { client, chat, url } = await start({ MODEL_CIRCUIT_FAILURES: '2', MODEL_CIRCUIT_MS: '600000' });
    const health = async () =>
      ((await (await fetch(`${url}/health`)).json()) as { details: { model: { models: object[] } } }).details
        .model;
    expect((await health()).models).toMatchObject([
      { model: 'openai:gpt-x', ok: true, circuit: 'closed' },
      { model: 'anthropic:claude-x', circuit: 'closed' },
    ]);
    for (const text of ['One', 'Two', 'Three'])
      expect(answerOf(await client.ended(await client.send(chat, text)))).toBe('Hi.');
    expect(openai.asked.length).toBe(2);
    expect(await health()).toMatchObject({
      status: 'degraded',
      models: [{ circuit: 'open' }, { circuit: 'closed' }],
    });
    // With nobody else to ask, it is asked in spite of that.
    anthropic.answers = [refuses(503, {})];
    openai.answers = [says('Back.')];
    expect(answerOf(await client.ended(await client.send(chat, 'Four')))).toBe('Back.');
    expect((await health()).models).toMatchObject([{ circuit: 'closed' }, {}]);
  });

  it('is the own one of an agent, with its sampling', async () => {
    const agents = fileOf(
      'agents.yaml',
      `agents:
  - name: writer
    kind: model
    description: Writes.
    instructions: Write.
    models: ['anthropic:claude-y', 'openai:gpt-y']
    parallel: false
    sampling: { temperature: 0.5, max_output_tokens: 50 }
`,
    );
    const { client, chat } = await start({ AGENTS_FILE: agents });
    anthropic.answers = [
      refuses(404, { type: 'error', error: { type: 'not_found_error', message: 'model: claude-y' } }),
    ];
    openai.answers = [says('Written.')];
    const events = await client.ended(await client.send(chat, 'Write'));
    expect(answerOf(events)).toBe('Written.');
    expect(anthropic.asked[0]?.body).toMatchObject({ model: 'claude-y', max_tokens: 50, temperature: 0.5 });
    expect(openai.asked[0]?.body).toMatchObject({
      model: 'gpt-y',
      max_tokens: 50,
      temperature: 0.5,
      parallel_tool_calls: false,
    });
    // A model without a price: the cost is not known.
    expect(endOf(events)?.cost).toBeUndefined();
  });
});

describe('a chain that cannot be asked', () => {
  const noKeys = { OPENAI_BASE_URL: '', OPENAI_API_KEY: '', ANTHROPIC_BASE_URL: '', ANTHROPIC_API_KEY: '' };
  const agent = (models: string): string =>
    `agents:\n  - { name: a, kind: model, description: A., instructions: I., models: ['${models}'] }\n`;
  it.each([
    ['an unknown provider', { MODEL_CHAIN: 'acme:x' }, /MODEL_CHAIN must be a list of provider:model/],
    ['no model', { MODEL_CHAIN: 'openai:' }, /MODEL_CHAIN must be/],
    [
      'a provider without a key',
      { ...noKeys, MODEL_CHAIN: 'anthropic:x' },
      /MODEL_CHAIN .*ANTHROPIC_API_KEY/,
    ],
    [
      'an agent whose provider is unknown',
      { AGENTS_FILE: fileOf('unknown.yaml', agent('acme:x')) },
      /agent "a".*acme/,
    ],
    [
      'an agent whose provider has no key',
      { ...noKeys, MODEL_CHAIN: 'offline', AGENTS_FILE: fileOf('key.yaml', agent('openai:x')) },
      /agent "a".*OPENAI_API_KEY/,
    ],
    [
      'prices that are none',
      { MODEL_PRICES_FILE: fileOf('bad.yaml', 'currency: USD\nmodels:\n  m: { input: x, output: 1 }\n') },
      /line 3.*input/,
    ],
  ])('because of %s prevents the start', async (_name, more, reason) => {
    await expect(startTestApp({ ...env(), ...more })).rejects.toThrow(reason);
  });
});
