import { SystemClock } from '../../src/common/index.js';
import type { ModelMessage, ModelRequest } from '../../src/models/index.js';
import { OpenAiModel } from '../../src/models/openai/openai-model.js';
import { loadSettings } from '../../src/platform/config/index.js';
import { Provider, refuses, says } from '../support/provider.js';

// How sampling and images are written for Chat Completions, and what happens when a server rejects them.

let provider: Provider;
beforeAll(async () => {
  provider = await Provider.start();
});
afterAll(() => provider.stop());

const IMAGE: ModelMessage[] = [
  { role: 'user', content: 'What is this?', images: [{ media_type: 'image/png', data: 'aGk=' }] },
];

/** The bodies that were sent until the model answered. */
async function sent(request: Partial<ModelRequest>, refusal?: string): Promise<any[]> {
  const rejected = refusal === undefined ? [] : [refuses(400, { error: { message: refusal } })];
  provider.answers = [...rejected, says('ok')];
  provider.asked.length = 0;
  const model = new OpenAiModel(loadSettings(provider.env), new SystemClock());
  const whole = { messages: [{ role: 'user' as const, content: 'Hi' }], tools: [], ...request };
  let text = '';
  for await (const delta of model.stream(whole, new AbortController().signal))
    if (delta.type === 'text') text += delta.text;
  expect(text).toBe('ok');
  return provider.asked.map(({ body }) => body as unknown);
}

const SAMPLING = {
  temperature: 0.2,
  top_p: 0.9,
  max_output_tokens: 50,
  stop: ['END'],
  seed: 7,
  reasoning_effort: 'low' as const,
};

describe('a request for Chat Completions', () => {
  it('has all of the sampling', async () => {
    const { max_output_tokens: max_tokens, ...rest } = SAMPLING;
    expect((await sent({ sampling: SAMPLING }))[0]).toMatchObject({ ...rest, max_tokens });
  });

  it.each([
    ["Unsupported value: 'temperature' does not support 0.2 with this model.", 'temperature', undefined],
    ["Unrecognized request argument supplied: 'seed'", 'seed', undefined],
    [
      "Unsupported parameter: 'reasoning_effort' is not supported with this model.",
      'reasoning_effort',
      undefined,
    ],
    [
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'max_tokens',
      'max_completion_tokens',
    ],
  ])('goes without what is rejected: %s', async (refusal, without, instead) => {
    const [before, after] = await sent({ sampling: SAMPLING }, refusal);
    expect(before).toHaveProperty(without);
    expect(after).not.toHaveProperty(without);
    if (instead !== undefined) expect(after).toHaveProperty(instead, 50);
    expect(after).toMatchObject({ top_p: 0.9 });
  });

  it('has images before the text', async () => {
    expect((await sent({ messages: IMAGE }))[0].messages[0].content).toEqual([
      { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
      { type: 'text', text: 'What is this?' },
    ]);
  });

  it.each([
    'Invalid content type. image_url is only supported by certain models.',
    'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj',
    'this model does not support image input',
  ])('says that an image was left out when the server answers: %s', async (refusal) => {
    const [, after] = await sent({ messages: IMAGE }, refusal);
    expect(after.messages[0].content).toBe(
      '[An image was left out: this model does not take images.]\n\nWhat is this?',
    );
  });
});
