import { AnthropicModel } from '../../src/models/anthropic/anthropic-model.js';
import { OpenAiModel } from '../../src/models/openai/openai-model.js';
import {
  ModelError,
  type ModelDelta,
  type ModelMessage,
  type ModelRequest,
} from '../../src/models/chat-model.js';
import { SystemClock } from '../../src/common/index.js';
import { loadSettings } from '../../src/platform/config/index.js';
import {
  callingMessage,
  event,
  message,
  messageEnd,
  messageStart,
  sends,
  textBlock,
  thinkingBlock,
  toolBlock,
} from '../support/messages-api.js';
import { calls, Provider, refuses, says, type Answer } from '../support/provider.js';
import { InstantPause, newRun, startWorld, type AgentWorld } from './support.js';
import { TestTools } from './test-tools.js';

// The real client of Anthropic speaks HTTP with a server of this test.

let provider: Provider;
let world: AgentWorld;
const tools = new TestTools();
beforeAll(async () => {
  world = await startWorld(tools);
  provider = await Provider.start();
});
afterAll(async () => {
  await provider.stop();
  await world.close();
});
beforeEach(() => {
  provider.asked.length = 0;
  provider.looked.length = 0;
  tools.echoed.length = 0;
});

const KEY = 'sk-ant-very-secret-key';
const env = () => ({ ANTHROPIC_BASE_URL: `http://127.0.0.1:${provider.port}/v1`, ANTHROPIC_API_KEY: KEY });
const modelOf = (more: Record<string, string> = {}): AnthropicModel =>
  new AnthropicModel(loadSettings({ ...env(), ...more }), new SystemClock(), 'claude-test');

const QUESTION: ModelMessage[] = [{ role: 'user', content: 'Who are you?' }];
const ECHO = { name: 'echo', description: 'Echoes.', parameters: { type: 'object', properties: {} } };

interface Outcome {
  deltas: ModelDelta[];
  error?: ModelError;
  text: string;
  thought: string;
}

async function ask(
  model: AnthropicModel | OpenAiModel,
  request: Partial<ModelRequest> = {},
): Promise<Outcome> {
  const outcome: Outcome = { deltas: [], text: '', thought: '' };
  const whole = { messages: QUESTION, tools: [ECHO], ...request };
  try {
    for await (const delta of model.stream(whole, new AbortController().signal)) {
      outcome.deltas.push(delta);
      if (delta.type === 'text') outcome.text += delta.text;
      if (delta.type === 'reasoning') outcome.thought += delta.text;
    }
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    outcome.error = error;
  }
  return outcome;
}

const answering = async (answer: Answer, request?: Partial<ModelRequest>): Promise<Outcome> => {
  provider.answers = [answer];
  return ask(modelOf(), request);
};
const of = <T extends ModelDelta['type']>({ deltas }: Outcome, type: T): Extract<ModelDelta, { type: T }>[] =>
  deltas.filter((delta): delta is Extract<ModelDelta, { type: T }> => delta.type === type);

describe('a request', () => {
  it('has the key, instructions apart, and a length', async () => {
    await answering(sends(message(textBlock(0, 'Hi.'))), {
      messages: [{ role: 'system', content: 'Be careful.' }, ...QUESTION],
    });
    const [request] = provider.asked;
    expect(request?.path).toBe('/v1/messages');
    expect(request?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'x-api-key': KEY });
    expect(request?.body).toEqual({
      model: 'claude-test',
      system: 'Be careful.',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Who are you?' }] }],
      tools: [{ name: 'echo', description: 'Echoes.', input_schema: { type: 'object', properties: {} } }],
      max_tokens: 8192,
      stream: true,
    });
  });

  it('has roles in turn, calls as blocks, and the results of a turn in one message', async () => {
    const call = (id: string) => ({ id, name: 'echo', arguments: `{"text":"${id}"}` });
    await answering(sends(message(textBlock(0, 'Hi.'))), {
      messages: [
        { role: 'user', content: 'One' },
        { role: 'user', content: 'Two', images: [{ media_type: 'image/png', data: 'aGk=' }] },
        { role: 'assistant', content: '', tool_calls: [call('call:1'), call('call:2')] },
        { role: 'tool', tool_call_id: 'call:1', content: 'first' },
        { role: 'tool', tool_call_id: 'call:2', content: '', error_code: 'failed' },
        { role: 'assistant', content: 'So far' },
        { role: 'user', content: 'Continue', continues: true },
      ],
    });
    const { messages } = provider.asked[0]?.body as { messages: any[] };
    const ids = messages[1].content.map(({ id }: { id: string }) => id);
    expect(ids.every((id: string) => /^[\w-]{1,128}$/.test(id))).toBe(true);
    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'One' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
          { type: 'text', text: 'Two' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: ids[0], name: 'echo', input: { text: 'call:1' } },
          { type: 'tool_use', id: ids[1], name: 'echo', input: { text: 'call:2' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: ids[0], content: 'first' },
          { type: 'tool_result', tool_use_id: ids[1], is_error: true },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: 'So far' }] },
      { role: 'user', content: [{ type: 'text', text: 'Continue' }] },
    ]);
  });

  it('without tools tells earlier calls as text', async () => {
    await answering(sends(message(textBlock(0, 'Hi.'))), {
      tools: [],
      messages: [
        ...QUESTION,
        { role: 'assistant', content: '', tool_calls: [{ id: 'a', name: 'echo', arguments: '{"x":1}' }] },
        { role: 'tool', tool_call_id: 'a', content: 'found' },
        { role: 'user', content: 'And?' },
      ],
    });
    expect(provider.asked[0]?.body.messages[1]).toEqual({
      role: 'assistant',
      content: [
        { type: 'text', text: 'Called echo with {"x":1}' },
        { type: 'text', text: 'Result: found' },
      ],
    });
    expect(provider.asked[0]?.body.tools).toBeUndefined();
  });

  const sampling = {
    temperature: 1.5,
    top_p: 0.9,
    max_output_tokens: 100,
    stop: ['END', ' '],
    seed: 7,
    reasoning_effort: 'minimal' as const,
  };

  it('has the sampling that this API knows, and one call at a time if the agent says so', async () => {
    await answering(sends(message(textBlock(0, 'Hi.'))), { sampling, parallel_tool_calls: false });
    expect(provider.asked[0]?.body).toMatchObject({
      temperature: 1,
      top_p: 0.9,
      max_tokens: 100,
      stop_sequences: ['END'],
      output_config: { effort: 'low' },
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    });
    expect(provider.asked[0]?.body.seed).toBeUndefined();
  });

  it('sets no odds while the model thinks, and adds the budget to the length', async () => {
    provider.answers = [sends(message(textBlock(0, 'Hi.')))];
    await ask(modelOf({ ANTHROPIC_THINKING_TOKENS: '2048' }), { sampling });
    const { body } = provider.asked[0] ?? {};
    expect(body).toMatchObject({ max_tokens: 2148, thinking: { type: 'enabled', budget_tokens: 2048 } });
    expect([body.temperature, body.top_p]).toEqual([undefined, undefined]);
  });

  const reject = (text: string): Answer =>
    refuses(400, { type: 'error', error: { type: 'invalid_request_error', message: text } });
  it.each([
    ['temperature: Extra inputs are not permitted', 'temperature'],
    ['`temperature` and `top_p` cannot both be specified for this model. Please use only one.', 'top_p'],
    [
      'max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for claude-3',
      'max_tokens',
    ],
    ['output_config.effort: Extra inputs are not permitted', 'output_config'],
    ['disable_parallel_tool_use: Extra inputs are not permitted', 'tool_choice'],
  ])('leaves out what a server rejects: %s', async (text, part) => {
    const asked = { ...sampling, max_output_tokens: undefined };
    provider.answers = [reject(text), sends(message(textBlock(0, 'Hi.')))];
    expect((await ask(modelOf(), { sampling: asked, parallel_tool_calls: false })).text).toBe('Hi.');
    const [before, after] = provider.asked.map(({ body }) => body[part]);
    expect(before).toBeDefined();
    expect(after).not.toEqual(before);
  });

  it('goes without images to a model that takes none, and says so', async () => {
    const messages: ModelMessage[] = [
      { role: 'user', content: 'What is this?', images: [{ media_type: 'image/png', data: 'aGk=' }] },
    ];
    provider.answers = [
      reject('this model does not support image input'),
      sends(message(textBlock(0, 'No idea.'))),
    ];
    const outcome = await ask(modelOf(), { messages });
    expect(outcome.text).toBe('No idea.');
    expect(of(outcome, 'status')[0]?.text).toContain('images');
    expect(provider.asked[1]?.body.messages[0].content).toEqual([
      { type: 'text', text: '[An image was left out: this model does not take images.]\n\nWhat is this?' },
    ]);
  });
});

describe('an answer', () => {
  it('is text and thinking as they come, then tokens with those of the cache', async () => {
    const usage = {
      input_tokens: 5,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 20,
      output_tokens: 1,
    };
    const outcome = await answering(
      sends(
        messageStart(usage),
        event('ping'),
        thinkingBlock(0, 'Hm.'),
        textBlock(1, 'The ', 'answer.'),
        messageEnd('end_turn', { input_tokens: null, output_tokens: 9 }),
      ),
    );
    expect([outcome.thought, outcome.text]).toEqual(['Hm.', 'The answer.']);
    expect(of(outcome, 'usage')).toEqual([
      {
        type: 'usage',
        usage: {
          prompt_tokens: 125,
          completion_tokens: 9,
          total_tokens: 134,
          cached_tokens: 100,
          cache_write_tokens: 20,
        },
      },
    ]);
    expect(outcome.deltas.at(-1)).toEqual({ type: 'finish', reason: 'stop' });
  });

  it('has calls with the very text of their arguments', async () => {
    const outcome = await answering(
      sends(
        callingMessage(
          textBlock(0, 'Let me look.'),
          toolBlock(1, 'toolu_1', 'echo', '{"id": 12345', '678901234567890, "text":', ' "a"}'),
          toolBlock(2, 'toolu_2', 'echo'),
        ),
      ),
    );
    expect(of(outcome, 'tool_call').map(({ call }) => [call.id, call.name, call.arguments])).toEqual([
      ['toolu_1', 'echo', '{"id": 12345678901234567890, "text": "a"}'],
      ['toolu_2', 'echo', '{}'],
    ]);
    expect(outcome.deltas.at(-1)).toEqual({ type: 'finish', reason: 'tool_calls' });
  });

  const bare = (text: string): string => text.replaceAll(/^event: .*\n/gm, '');
  const whole = message(thinkingBlock(0, 'Hm.'), textBlock(1, 'Hi.'));
  it.each([
    ['frames without their names', bare(whole)],
    ['frames with CRLF', whole.replaceAll('\n', '\r\n')],
    ['a last frame without its blank line', whole.trimEnd()],
    ['a mark of the end of another API', `${whole}data: [DONE]\n\n`],
    [
      'unknown events and blocks',
      whole.replace('event: content_block_start', `${event('news', { a: 1 })}event: content_block_start`),
    ],
    [
      'JSON instead of a stream',
      JSON.stringify({
        type: 'message',
        content: [
          { type: 'thinking', thinking: 'Hm.', signature: 's' },
          { type: 'text', text: 'Hi.' },
        ],
        stop_reason: 'end_turn',
        usage: { input_tokens: 10, output_tokens: 7 },
      }),
    ],
  ])('is read from %s', async (_name, body) => {
    const outcome = await answering(sends(body));
    expect([outcome.error, outcome.thought, outcome.text]).toEqual([undefined, 'Hm.', 'Hi.']);
    expect(of(outcome, 'usage')[0]?.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 7 });
  });

  it.each([
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'content_filter'],
    ['stop_sequence', 'stop'],
  ])('that stopped for %s says %s', async (reason, said) => {
    const body = messageStart() + textBlock(0, 'Hi') + messageEnd(reason);
    expect((await answering(sends(body))).deltas.at(-1)).toEqual({ type: 'finish', reason: said });
  });

  it.each([
    ['ends without message_stop', messageStart() + textBlock(0, 'Hi'), 'model_stream_broken', true],
    [
      'says how it stopped, but does not end',
      messageStart() + textBlock(0, 'Hi') + messageEnd().replace(event('message_stop'), ''),
      'model_stream_broken',
      true,
    ],
    ['pauses', messageStart() + textBlock(0, 'Hi') + messageEnd('pause_turn'), 'model_stream_broken', true],
    ['is empty', '', 'model_stream_broken', true],
    [
      'breaks off in a frame',
      `${messageStart()}event: content_block_delta\ndata: {"type":"content_`,
      'model_stream_broken',
      true,
    ],
    [
      'is overloaded in the middle',
      messageStart() +
        textBlock(0, 'Hi') +
        event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
      'model_unavailable',
      true,
    ],
    [
      'is limited in the middle, without an event name',
      `${messageStart()}data: {"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}\n\n`,
      'model_rate_limited',
      true,
    ],
    ['is a web page', '<!DOCTYPE html><html>hi</html>', 'model_rejected', false],
  ])('that %s is a failure', async (_name, body, code, retryable) => {
    const { error } = await answering(sends(body));
    expect(error).toMatchObject({ code, options: { retryable } });
  });

  it('that breaks still says what was billed', async () => {
    const outcome = await answering(sends(messageStart({ input_tokens: 12, output_tokens: 1 })));
    expect(outcome.error?.code).toBe('model_stream_broken');
    expect(of(outcome, 'usage')[0]?.usage.prompt_tokens).toBe(12);
  });
});

describe('a refusal', () => {
  const body = (type: string, text = 'no'): object => ({ type: 'error', error: { type, message: text } });
  it.each([
    [429, body('rate_limit_error'), { 'retry-after': '7' }, 'model_rate_limited', true, 7000],
    [529, body('overloaded_error'), {}, 'model_unavailable', true, undefined],
    [500, body('api_error'), {}, 'model_unavailable', true, undefined],
    [401, body('authentication_error'), {}, 'model_rejected', false, undefined],
    [404, body('not_found_error', 'model: claude-test'), {}, 'model_rejected', false, undefined],
  ])('with %s is a failure of its kind', async (status, text, headers, code, retryable, retryAfterMs) => {
    const { error } = await answering(refuses(status, text, headers));
    expect(error).toMatchObject({ code, options: { retryable } });
    expect(error?.options.retryAfterMs).toBe(retryAfterMs);
    expect(error?.message).not.toMatch(/OPENAI/);
    expect(JSON.stringify(error?.options.provider)).not.toContain(KEY);
  });

  it.each([
    [413, body('request_too_large', 'Request exceeds the maximum allowed number of bytes.'), {}],
    [
      400,
      body('invalid_request_error', 'prompt is too long: 215000 tokens > 200000 maximum'),
      { window: 200_000, prompt: 215_000 },
    ],
    [
      400,
      body(
        'invalid_request_error',
        'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again',
      ),
      { window: 200_000 },
    ],
  ])('with %s means that a shorter request may be accepted', async (status, text, overflow) => {
    const { error } = await answering(refuses(status, text));
    expect(error?.options.overflow).toMatchObject(overflow);
  });

  it('of the key names the setting of this provider', async () => {
    const { error } = await answering(refuses(401, body('authentication_error', `invalid key ${KEY}`)));
    expect(error?.message).toContain('ANTHROPIC_API_KEY');
    expect(error?.options.provider?.message).not.toContain(KEY);
  });
});

describe('a run', () => {
  const work = (models: (AnthropicModel | OpenAiModel)[], run = newRun()) => ({
    run,
    done: world
      .agent(models, { pause: new InstantPause(), tools: ['echo'], env: { MODEL_RETRIES: '1' } })
      .run(run),
  });
  const blocks = (index: number): any[] => provider.asked[index]?.body.messages.at(-2).content;

  it('sends thinking back unchanged and in its place', async () => {
    const redacted = event('content_block_start', {
      index: 1,
      content_block: { type: 'redacted_thinking', data: 'EmwK' },
    });
    provider.answers = [
      sends(
        callingMessage(
          thinkingBlock(0, 'I echo it. ', 's1=='),
          redacted,
          textBlock(2, '\n\nLet me ', 'echo.'),
          toolBlock(3, 'toolu_1', 'echo', '{"text":"x"}'),
        ),
      ),
      sends(message(textBlock(0, 'Done.'))),
    ];
    const { run, done } = work([modelOf({ ANTHROPIC_THINKING_TOKENS: '1024' })]);
    expect(await done).toMatchObject({ status: 'completed', tool_calls: 1, model: 'claude-test' });
    expect(run.sink.of('rationale').map(({ text }) => text)).toEqual(['I echo it.']);
    expect(tools.echoed).toEqual(['x']);
    expect(provider.asked[1]?.body.thinking).toEqual({ type: 'enabled', budget_tokens: 1024 });
    expect(blocks(1)).toEqual([
      { type: 'thinking', thinking: 'I echo it. ', signature: 's1==' },
      { type: 'redacted_thinking', data: 'EmwK' },
      { type: 'text', text: '\n\nLet me echo.' },
      { type: 'tool_use', id: 'toolu_1', name: 'echo', input: { text: 'x' } },
    ]);
  });

  it('never runs the calls of a turn that reached its length', async () => {
    const cut = messageStart() + toolBlock(0, 'toolu_1', 'echo', '{"text":"all') + messageEnd('max_tokens');
    provider.answers = [sends(cut)];
    const { done } = work([modelOf()]);
    expect(await done).toMatchObject({
      status: 'error',
      error: { code: 'model_length_limit' },
      tool_calls: 0,
    });
    expect(tools.echoed).toEqual([]);
  });

  it('hands a turn on to another provider without what only the first one may see', async () => {
    const openai = await Provider.start(says('Done.'));
    provider.answers = [
      sends(
        callingMessage(thinkingBlock(0, 'Secret thought'), toolBlock(1, 'toolu_1', 'echo', '{"text":"x"}')),
      ),
      refuses(401, { type: 'error', error: { type: 'authentication_error', message: 'no' } }),
    ];
    const second = new OpenAiModel(loadSettings(openai.env), new SystemClock());
    const { done } = work([modelOf(), second]);
    expect(await done).toMatchObject({ status: 'completed', text: 'Done.', model: 'm' });
    const sent = JSON.stringify(openai.asked[0]?.body);
    expect(sent).not.toMatch(/Secret thought|sig\+|toolu_1/);
    expect(sent).toContain('echo of x');
    await openai.stop();
  });

  it('continues calls of another provider without thinking, which that turn did not have', async () => {
    const openai = await Provider.start(calls('echo', { text: 'x' }), refuses(503, {}));
    provider.answers = [sends(message(textBlock(0, 'Done.')))];
    const first = new OpenAiModel(loadSettings(openai.env), new SystemClock());
    const { done } = work([first, modelOf({ ANTHROPIC_THINKING_TOKENS: '1024' })]);
    expect(await done).toMatchObject({ status: 'completed', text: 'Done.', model: 'claude-test' });
    expect(provider.asked[0]?.body.thinking).toBeUndefined();
    expect(blocks(0)).toMatchObject([{ type: 'tool_use', name: 'echo', input: { text: 'x' } }]);
    await openai.stop();
  });
});

describe('the server', () => {
  it('lists its models, with their windows', async () => {
    provider.pages['/v1/models?limit=1000'] = {
      data: [{ id: 'claude-test', max_input_tokens: 123_456 }, { id: 'x' }],
    };
    const model = modelOf();
    expect(await model.check()).toEqual({ ok: true, detail: `claude-test at 127.0.0.1:${provider.port}` });
    expect((await model.context()).tokens).toBe(123_456);
    expect(provider.looked[0]?.headers).toMatchObject({
      'x-api-key': KEY,
      'anthropic-version': '2023-06-01',
    });
  });

  it('is told apart from others that cannot be reached', async () => {
    const model = modelOf({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' });
    expect(await model.check()).toMatchObject({ ok: false });
    expect((await ask(model)).error).toMatchObject({
      code: 'model_unavailable',
      options: { retryable: true },
    });
  });
});
