import { ModelError, type ModelErrorOptions } from '../../src/models/chat-model.js';
import {
  finish,
  InstantPause,
  newRun,
  says,
  ScriptedModel,
  startWorld,
  text,
  thought,
  toolCall,
  usage,
  type AgentWorld,
  type Script,
} from './support.js';
import { TestTools } from './test-tools.js';

// What a run does when a model of its chain fails: the next one continues, and the answer is there once.

let world: AgentWorld;
beforeAll(async () => {
  world = await startWorld(new TestTools());
});
afterAll(() => world.close());

class Named extends ScriptedModel {
  constructor(
    override readonly name: string,
    ...scripts: Script[]
  ) {
    super(...scripts);
  }
}

const fails = (code: string, options: Partial<ModelErrorOptions> = {}): ModelError =>
  new ModelError(code, `Failed: ${code}.`, { retryable: true, ...options });
const DOWN = fails('model_unavailable');
const HANDED_ON = 'The model is not available. Another one continues.';

function setup(...models: Named[]) {
  const [pause, run] = [new InstantPause(), newRun()];
  const agent = world.agent(models, { pause, tools: ['echo'], env: { MODEL_RETRIES: '2' } });
  const statuses = (): string[] => run.sink.of('status').map((event) => event.text);
  return { pause, run, statuses, work: () => agent.run(run) };
}

describe('a chain of models', () => {
  it('asks the next model once the first one has used up its retries', async () => {
    const [first, second] = [
      new Named('first', says(DOWN)),
      new Named('second', says(text('Hi.'), finish())),
    ];
    const { run, pause, statuses, work } = setup(first, second);
    expect(await work()).toMatchObject({ status: 'completed', text: 'Hi.', model: 'second' });
    expect([first.requests.length, second.requests.length, pause.waits.length]).toEqual([3, 1, 2]);
    expect(statuses().at(-1)).toBe(HANDED_ON);
    expect(run.sink.text).toBe('Hi.');
  });

  it('continues in the middle of a sentence and repeats nothing', async () => {
    const broken = says(
      thought('Hm. '),
      text('The contractor reports '),
      usage(10, 4),
      fails('model_stream_broken'),
    );
    const first = new Named('first', broken, says(DOWN));
    const second = new Named(
      'second',
      says(text('The contractor reports every year.'), usage(20, 6), finish()),
    );
    const { run, work } = setup(first, second);
    const whole = 'The contractor reports every year.';
    expect(await work()).toMatchObject({ status: 'completed', text: whole, model: 'second' });
    expect(run.sink.text).toBe(whole);
    expect(second.requests[0]?.messages.slice(-2)).toMatchObject([
      { role: 'assistant', content: 'The contractor reports ' },
      { role: 'user', continues: true },
    ]);
    expect(run.usage.total).toEqual({ prompt_tokens: 30, completion_tokens: 10, total_tokens: 40 });
  });

  it('drops calls of a turn that broke, and runs those of the model that continues', async () => {
    const first = new Named(
      'first',
      says(toolCall('a', 'echo', { text: 'no' }), fails('model_timeout')),
      says(DOWN),
    );
    const second = new Named(
      'second',
      says(toolCall('b', 'echo', { text: 'yes' }), finish('tool_calls')),
      says(text('Done.'), finish()),
    );
    const { run, work } = setup(first, second);
    expect(await work()).toMatchObject({ status: 'completed', text: 'Done.', tool_calls: 1 });
    expect(run.sink.of('tool_start').map(({ call_id }) => call_id)).toEqual(['b']);
    // The run stays with the model that answered.
    expect([first.requests.length, second.requests.length]).toEqual([3, 2]);
  });

  it('comes back to the first model when the one that had taken over fails', async () => {
    const first = new Named('first', says(DOWN), says(DOWN), says(DOWN), says(text('Back.'), finish()));
    const second = new Named(
      'second',
      says(toolCall('a', 'echo', { text: 'x' }), finish('tool_calls')),
      says(DOWN),
    );
    expect(await setup(first, second).work()).toMatchObject({ text: 'Back.', model: 'first', tool_calls: 1 });
  });

  const rejected = (provider: object): ModelError => fails('model_rejected', { retryable: false, provider });
  it.each([
    ['a wrong key', rejected({ status: 401 })],
    ['a key without permission', rejected({ status: 403 })],
    ['no credit', rejected({ status: 402 })],
    ['an unknown model', rejected({ status: 404 })],
    ['an unknown model in other words', rejected({ status: 400, code: 'model_not_found' })],
    ['a web site instead of a model', rejected({ status: 200, type: 'html' })],
    ['a quota that is used up', fails('model_rate_limited', { retryable: false })],
    ['a wait that is too long', fails('model_rate_limited', { retryAfterMs: 3_600_000 })],
    ['a smaller window', fails('model_rejected', { retryable: false, overflow: { window: 300 } })],
  ])('does not retry after %s, but asks the next model', async (_name, error) => {
    const first = new Named('first', says(error));
    const { work, pause, statuses } = setup(first, new Named('second', says(text('Hi.'), finish())));
    expect(await work()).toMatchObject({ status: 'completed', text: 'Hi.', model: 'second' });
    expect(pause.waits).toEqual([]);
    expect(statuses()).toContain(HANDED_ON);
  });

  it('asks no other model when the request itself is wrong', async () => {
    const second = new Named('second', says(text('Hi.'), finish()));
    const { work } = setup(
      new Named('first', says(rejected({ status: 400, code: 'invalid_value' }))),
      second,
    );
    expect(await work()).toMatchObject({ status: 'error', error: { code: 'model_rejected' } });
    expect(second.requests).toEqual([]);
  });

  it('says that a retry may help if one of the failures was of that kind', async () => {
    const { work } = setup(
      new Named('first', says(DOWN)),
      new Named('second', says(rejected({ status: 401 }))),
    );
    expect(await work()).toMatchObject({
      status: 'error',
      error: { code: 'model_unavailable', retryable: true },
    });
  });

  it('asks nobody else once the run was cancelled', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    // eslint-disable-next-line require-yield -- it fails before it says anything
    const first = new Named('first', function* () {
      controller.abort(reason);
      throw DOWN;
    });
    const second = new Named('second', says(text('Hi.'), finish()));
    const run = newRun({ signal: controller.signal });
    await expect(world.agent([first, second]).run(run)).rejects.toBe(reason);
    expect(second.requests).toEqual([]);
  });

  it('asks the models that the run names, and gives their names', async () => {
    const first = new Named('first', says(text('One.'), finish()));
    expect(await setup(first, new Named('second')).work()).toMatchObject({ model: 'first' });
  });
});
