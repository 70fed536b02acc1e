import { ModelError } from '../../src/models/index.js';
import {
  aborted,
  finish,
  InstantPause,
  newRun,
  RecordingSink,
  says,
  ScriptedModel,
  startWorld,
  text,
  thought,
  toolCall,
  usage,
  type AgentWorld,
} from './support.js';
import { TestTools } from './test-tools.js';

let world: AgentWorld;
let tools: TestTools;

beforeAll(async () => {
  tools = new TestTools();
  world = await startWorld(tools);
});
afterAll(() => world.close());
beforeEach(() => {
  tools.echoed.length = 0;
  tools.paid.length = 0;
  tools.deaf = false;
  tools.onHang = () => undefined;
  tools.onEcho = () => Promise.resolve();
});

const broken = () =>
  new ModelError('model_stream_broken', 'The connection to the model was lost.', { retryable: true });

describe('an answer', () => {
  it('is streamed as it arrives and added up', async () => {
    const model = new ScriptedModel(says(text('Hello'), text(' world'), usage(7, 2), finish()));
    const run = newRun();
    const outcome = await world.agent(model).run(run);
    expect(run.sink.bodies).toEqual([
      { type: 'content', md: 'Hello' },
      { type: 'content', md: ' world' },
    ]);
    expect(outcome).toEqual({
      status: 'completed',
      text: 'Hello world',
      tool_calls: 0,
      model: 'scripted',
    });
    expect(run.usage.total).toEqual({ prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 });
  });

  it('is requested with instructions, history, question and tools', async () => {
    const model = new ScriptedModel(says(text('ok'), finish()));
    await world
      .agent(model, { tools: ['echo'] })
      .run(newRun({ history: [{ message_id: 'b'.repeat(24), question: 'before', answer: 'then' }] }));
    const [request] = model.requests;
    expect(request?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(request?.tools).toEqual([
      {
        name: 'echo',
        description: 'Says it back.',
        parameters: expect.objectContaining({ type: 'object', required: ['text'] }),
      },
    ]);
  });

  it('restores characters that the provider split, and drops what cannot be stored', async () => {
    const model = new ScriptedModel(says(text('a\ud83d'), text('\ude00b\0'), text('\ud83d'), finish()));
    const run = newRun();
    await world.agent(model).run(run);
    expect(run.sink.text).toBe('a😀b\ufffd');
  });

  it('shows thinking in pieces that make sense on their own', async () => {
    const model = new ScriptedModel(
      says(thought('First '), thought('this.\n'), thought('\nThen'), thought(' that.'), text('ok'), finish()),
    );
    const run = newRun();
    await world.agent(model).run(run);
    expect(run.sink.of('rationale').map((event) => event.text)).toEqual(['First this.', 'Then that.']);
    expect(run.sink.shape).toEqual(['rationale', 'content']);
  });

  it('ends with an error that names an unknown agent', async () => {
    const outcome = await world.agent(new ScriptedModel()).run(newRun({ agent: 'nobody' }));
    expect(outcome).toMatchObject({ status: 'error', error: { code: 'unknown_agent', retryable: false } });
  });

  it.each([
    ['length', 'model_length_limit'],
    ['content_filter', 'content_filtered'],
  ] as const)('that the model stopped by %s is kept and ends as %s', async (reason, code) => {
    const outcome = await world.agent(new ScriptedModel(says(text('half'), finish(reason)))).run(newRun());
    expect(outcome).toMatchObject({ status: 'error', text: 'half', error: { code } });
  });

  it('is cut off at RUN_MAX_OUTPUT_CHARS', async () => {
    const run = newRun();
    const model = new ScriptedModel(says(text('12345'), text('67890'), text('never'), finish()));
    const outcome = await world.agent(model, { env: { RUN_MAX_OUTPUT_CHARS: '8' } }).run(run);
    expect(run.sink.text).toBe('12345678');
    expect(outcome).toMatchObject({ status: 'error', text: '12345678', error: { code: 'output_limit' } });
  });

  it('does not think endlessly', async () => {
    const model = new ScriptedModel(function* () {
      for (;;) yield thought('hmm ');
    });
    const outcome = await world.agent(model, { env: { RUN_MAX_OUTPUT_CHARS: '5000' } }).run(newRun());
    expect(outcome).toMatchObject({ status: 'error', error: { code: 'output_limit' } });
  });
});

describe('tools', () => {
  it('run in parallel and return their results in order', async () => {
    let both: () => void = () => undefined;
    const bothRunning = new Promise<void>((resolve) => (both = resolve));
    tools.onEcho = async () => {
      if (tools.echoed.length === 2) both();
      await bothRunning;
    };
    const model = new ScriptedModel(
      says(
        text('Let me see.'),
        toolCall('a', 'echo', { text: 'one' }),
        toolCall('b', 'echo', { text: 'two' }),
        finish('tool_calls'),
      ),
      says(text('Done.'), usage(1, 1), finish()),
    );
    const run = newRun();
    const outcome = await world.agent(model).run(run);
    expect(outcome).toMatchObject({ status: 'completed', text: 'Let me see.\n\nDone.', tool_calls: 2 });
    expect(model.requests[1]?.messages.slice(-3)).toEqual([
      {
        role: 'assistant',
        content: 'Let me see.',
        tool_calls: [
          { id: 'a', name: 'echo', arguments: '{"text":"one"}' },
          { id: 'b', name: 'echo', arguments: '{"text":"two"}' },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: 'echo of one' },
      { role: 'tool', tool_call_id: 'b', content: 'echo of two' },
    ]);
    expect(run.sink.of('tool_start')[0]).toEqual({
      type: 'tool_start',
      call_id: 'a',
      name: 'echo',
      args_summary: "text='one'",
      args: { text: 'one' },
    });
    expect(
      run.sink
        .of('tool_end')
        .map(({ status, result_summary }) => [status, result_summary])
        .sort(),
    ).toEqual([
      ['ok', 'Echoed one'],
      ['ok', 'Echoed two'],
    ]);
  });

  it('are journaled only once the text before them is durable', async () => {
    const order: string[] = [];
    const start = world.journal.start.bind(world.journal);
    world.journal.start = (...call) => {
      order.push('journal');
      return start(...call);
    };
    const run = newRun();
    run.sink.hold();
    const model = new ScriptedModel(
      says(text('Let me see.'), toolCall('a', 'echo', { text: 'x' }), finish('tool_calls')),
      says(text('ok'), finish()),
    );
    try {
      const running = world.agent(model).run(run);
      await run.sink.seen(({ type }) => type === 'content');
      for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
      order.push('durable');
      run.sink.release();
      await running;
    } finally {
      world.journal.start = start;
    }
    expect(order).toEqual(['durable', 'journal']);
  });

  it('are journaled and announced before they run, and journaled before their end is announced', async () => {
    const run = newRun();
    const order: string[] = [];
    tools.onEcho = async () => {
      const [call] = await world.journal.list(run.tenant, run.message_id);
      order.push(`${call?.status ?? 'none'} ${run.sink.bodies.at(-1)?.type ?? 'none'}`);
    };
    const emit = run.sink.emit.bind(run.sink);
    run.sink.emit = async (body) => {
      const [call] = await world.journal.list(run.tenant, run.message_id);
      if (body.type.startsWith('tool_')) order.push(`${body.type} after ${call?.status ?? 'none'}`);
      await emit(body);
    };
    const model = new ScriptedModel(
      says(toolCall('a', 'echo', { text: 'one' }), finish('tool_calls')),
      says(text('ok'), finish()),
    );
    await world.agent(model).run(run);
    expect(order).toEqual(['tool_start after running', 'running tool_start', 'tool_end after ok']);
    expect(await world.journal.list(run.tenant, run.message_id)).toEqual([
      expect.objectContaining({
        call_id: 'a',
        step: 1,
        position: 0,
        name: 'echo',
        arguments: '{"text":"one"}',
        result: 'echo of one',
        status: 'ok',
      }),
    ]);
  });

  it.each([
    ['fails in words', 'fail', {}, 'no such city', 'tool_failed'],
    ['fails with a code', 'fail', { code: 'no_such_city' }, 'no such city', 'no_such_city'],
    ['fails with a code that is none', 'fail', { code: 'No such city!' }, 'no such city', 'tool_failed'],
    ['fails with a code without end', 'fail', { code: 'a'.repeat(65) }, 'no such city', 'tool_failed'],
    ['meets a problem of the server', 'busy', {}, 'The run queue is full.', 'queue_full'],
    ['fails unexpectedly', 'explode', {}, 'The tool failed unexpectedly.', 'tool_failed'],
    ['gets malformed arguments', 'echo', '{"text":', 'not valid JSON', 'invalid_arguments'],
    ['gets wrong arguments', 'echo', { text: 3 }, 'Wrong arguments. text', 'invalid_arguments'],
    ['does not exist', 'nope', {}, 'There is no tool named "nope"', 'unknown_tool'],
    ['is not among the agent’s', 'pay', {}, 'There is no tool named "pay"', 'unknown_tool'],
  ])(
    'one that %s is reported to the model, and the run continues',
    async (_how, name, args, message, error_code) => {
      const model = new ScriptedModel(
        says(toolCall('a', name, args), finish('tool_calls')),
        says(text('ok'), finish()),
      );
      const run = newRun();
      const outcome = await world.agent(model, { tools: ['echo', 'fail', 'busy', 'explode'] }).run(run);
      expect(outcome).toMatchObject({ status: 'completed', text: 'ok', tool_calls: 1 });
      const failure = { status: 'error', error_code, result_summary: expect.stringContaining(message) };
      expect(run.sink.of('tool_end')).toMatchObject([failure]);
      expect(await world.journal.list(run.tenant, run.message_id)).toMatchObject([failure]);
      const [assistant, result] = model.requests[1]!.messages.slice(-2);
      expect(result).toMatchObject({
        role: 'tool',
        content: expect.stringContaining(message),
        error_code,
      });
      expect(assistant).toMatchObject({
        tool_calls: [{ arguments: typeof args === 'string' ? '{}' : JSON.stringify(args) }],
      });
      expect(JSON.stringify(run.sink.bodies)).not.toContain('secret');
    },
  );

  it('get their own ids if the provider repeats an id or gives none', async () => {
    const call = (id: string) => toolCall(id, 'echo', { text: 'x' });
    const model = new ScriptedModel(
      says(call('a'), call('a'), call(''), finish('tool_calls')),
      says(call('a'), call(''), finish()),
      says(text('ok'), finish()),
    );
    const run = newRun();
    expect(await world.agent(model).run(run)).toMatchObject({ status: 'completed', tool_calls: 5 });
    const ids = run.sink.of('tool_start').map(({ call_id }) => call_id);
    expect(new Set(ids).size).toBe(5);
    expect(await world.journal.list(run.tenant, run.message_id)).toHaveLength(5);
  });

  it('that take too long are abandoned, even if they do not react', async () => {
    tools.deaf = true;
    const model = new ScriptedModel(
      says(toolCall('a', 'hang'), finish('tool_calls')),
      says(text('ok'), finish()),
    );
    const run = newRun();
    const outcome = await world.agent(model, { env: { TOOL_TIMEOUT_MS: '20' } }).run(run);
    expect(outcome.status).toBe('completed');
    expect(run.sink.of('tool_end')).toMatchObject([
      { status: 'error', error_code: 'timed_out', result_summary: 'timed out after 20 ms' },
    ]);
  });

  it('that take long show that they are alive', async () => {
    const run = newRun();
    let statuses = 0;
    const done = run.sink.seen((body) => body.type === 'status' && ++statuses === 2);
    tools.onEcho = () => done;
    const model = new ScriptedModel(
      says(toolCall('a', 'echo', { text: 'x' }), finish('tool_calls')),
      says(text('ok'), finish()),
    );
    await world.agent(model, { env: { TOOL_STATUS_MS: '5' } }).run(run);
    expect(run.sink.of('status')[0]?.text).toMatch(/^echo is still running \(\d+s elapsed\)$/);
    expect(run.sink.bodies.at(-2)?.type).toBe('tool_end');
  });

  it('may emit without waiting; long results are cut', async () => {
    const model = new ScriptedModel(
      says(toolCall('a', 'chatty'), finish('tool_calls')),
      says(text('ok'), finish()),
    );
    const run = newRun();
    await world.agent(model).run(run);
    expect(run.sink.of('status')).toHaveLength(1);
    const [call] = await world.journal.list(run.tenant, run.message_id);
    expect(call?.result?.length).toBeLessThan(263_000);
    expect(call?.result).toContain('[… the rest was left out: too long]');
  });

  it('stop after RUN_MAX_STEPS turns', async () => {
    const model = new ScriptedModel(
      says(text('again '), toolCall('a', 'echo', { text: 'x' }), finish('tool_calls')),
    );
    const outcome = await world.agent(model, { env: { RUN_MAX_STEPS: '3' } }).run(newRun());
    expect(outcome).toMatchObject({
      status: 'error',
      tool_calls: 3,
      error: { code: 'step_limit', retryable: false },
    });
    expect(model.requests).toHaveLength(3);
  });
});

describe('a failing model', () => {
  it('is retried, visibly, and continues where it stopped', async () => {
    const pause = new InstantPause();
    const model = new ScriptedModel(
      says(text('The contractor reports '), text('every'), toolCall('a', 'echo', { text: 'lost' }), broken()),
      says(text(' year.'), usage(3, 4), finish()),
    );
    const run = newRun();
    const outcome = await world.agent(model, { pause }).run(run);
    expect(outcome).toMatchObject({
      status: 'completed',
      text: 'The contractor reports every year.',
      tool_calls: 0,
    });
    expect(run.sink.shape).toEqual(['content', 'status', 'content']);
    expect(run.sink.of('status')[0]?.text).toBe('The connection to the model was lost. Retrying in 1s.');
    expect(model.requests[1]?.messages.at(-2)).toEqual({
      role: 'assistant',
      content: 'The contractor reports every',
    });
    expect(tools.echoed).toEqual([]);
    expect(pause.waits).toHaveLength(1);
  });

  it('that starts over does not repeat itself to the user', async () => {
    const model = new ScriptedModel(
      says(text('The contractor reports every'), broken()),
      says(text('The contractor '), text('reports every year.'), finish()),
    );
    const run = newRun();
    await world.agent(model).run(run);
    expect(run.sink.text).toBe('The contractor reports every year.');
  });

  it('waits as long as the provider asks', async () => {
    const pause = new InstantPause();
    const limited = new ModelError('model_rate_limited', 'Busy.', { retryable: true, retryAfterMs: 7000 });
    const model = new ScriptedModel(says(limited), says(text('ok'), finish()));
    const run = newRun();
    await world.agent(model, { pause }).run(run);
    expect(pause.waits).toEqual([7000]);
    expect(run.sink.of('status')[0]?.text).toBe('Busy. Retrying in 7s.');
  });

  it.each([' \n\t', '\u200b\u2060\ufeff'])('is retried if nothing of it is visible: %j', async (blank) => {
    const model = new ScriptedModel(says(text(blank), finish()), says(text('ok'), finish()));
    const outcome = await world.agent(model).run(newRun());
    expect(outcome.status).toBe('completed');
    expect(outcome.text).toMatch(/ok$/);
    expect(model.requests).toHaveLength(2);
  });

  it('is given up after MODEL_RETRIES; what was streamed stays', async () => {
    const model = new ScriptedModel(says(text('half'), broken()), says(broken()));
    const outcome = await world.agent(model).run(newRun());
    expect(model.requests).toHaveLength(3);
    expect(outcome).toMatchObject({
      status: 'error',
      text: 'half',
      error: { code: 'model_stream_broken', retryable: true },
    });
  });

  it.each([
    ['that is rejected', new ModelError('model_rejected', 'No.', { retryable: false })],
    [
      'that asks for a wait nobody has',
      new ModelError('model_rate_limited', 'Busy.', { retryable: true, retryAfterMs: 3_600_000 }),
    ],
  ])('%s is not retried', async (_how, error) => {
    const model = new ScriptedModel(says(error));
    const outcome = await world.agent(model).run(newRun());
    expect(model.requests).toHaveLength(1);
    expect(outcome).toMatchObject({ status: 'error', error: { code: error.code } });
  });

  it('that says nothing at all, or stops without saying why, counts as broken', async () => {
    const model = new ScriptedModel(says(finish()), says(text('hal')), says(text('f'), finish()));
    expect(await world.agent(model).run(newRun())).toMatchObject({ status: 'completed', text: 'half' });
  });

  it('that throws an unknown error is the server’s fault: the run rejects', async () => {
    await expect(world.agent(new ScriptedModel(says(new TypeError('bug')))).run(newRun())).rejects.toThrow(
      'bug',
    );
  });
});

describe('stopping', () => {
  it('a cancelled model turn rejects with the reason', async () => {
    const controller = new AbortController();
    const model = new ScriptedModel(async function* (_request, signal) {
      yield text('half');
      await aborted(signal);
      signal.throwIfAborted();
    });
    const run = newRun({ signal: controller.signal });
    const outcome = world.agent(model).run(run);
    await run.sink.seen((body) => body.type === 'content');
    controller.abort(new Error('cancelled by the user'));
    await expect(outcome).rejects.toThrow('cancelled by the user');
    expect(run.sink.text).toBe('half');
  });

  it('a cancelled tool gets its end before the run rejects', async () => {
    const controller = new AbortController();
    tools.onHang = () => {
      controller.abort(new Error('cancelled by the user'));
    };
    const model = new ScriptedModel(says(toolCall('a', 'hang'), finish('tool_calls')));
    const run = newRun({ signal: controller.signal });
    await expect(world.agent(model).run(run)).rejects.toThrow('cancelled by the user');
    expect(run.sink.of('tool_end')).toMatchObject([
      { call_id: 'a', status: 'error', error_code: 'cancelled', result_summary: 'cancelled' },
    ]);
    expect(await world.journal.list(run.tenant, run.message_id)).toMatchObject([
      { status: 'error', error_code: 'cancelled', result: 'Error: cancelled' },
    ]);
  });

  it('nothing starts if the run was stopped before', async () => {
    const model = new ScriptedModel(says(text('never'), finish()));
    const run = newRun({ signal: AbortSignal.abort(new Error('too late')) });
    await expect(world.agent(model).run(run)).rejects.toThrow('too late');
    expect(model.requests).toHaveLength(0);
  });

  it('a lost log stops everything: the model is aborted, no tool starts, the sink’s error is thrown', async () => {
    let told = false;
    const model = new ScriptedModel(async function* (_request, signal) {
      try {
        yield text('one');
        yield text('two');
        await aborted(signal);
        yield toolCall('a', 'echo', { text: 'x' });
        yield finish('tool_calls');
      } finally {
        told = signal.aborted;
      }
    });
    const run = newRun();
    run.sink.refuseFrom = 1;
    await expect(world.agent(model).run(run)).rejects.toThrow('fenced');
    expect(told).toBe(true);
    expect(tools.echoed).toEqual([]);
  });

  it('a lost log stops running tools and leaves the journal alone', async () => {
    const run = newRun();
    tools.onHang = () => {
      run.sink.refuseFrom = 0;
    };
    const model = new ScriptedModel(says(toolCall('a', 'hang'), finish('tool_calls')));
    await expect(world.agent(model, { env: { TOOL_STATUS_MS: '5' } }).run(run)).rejects.toThrow('fenced');
    expect(await world.journal.list(run.tenant, run.message_id)).toMatchObject([{ status: 'running' }]);
  });

  it('the model is held back if the log is slow', async () => {
    const sink = new RecordingSink();
    sink.hold();
    let produced = 0;
    const model = new ScriptedModel(function* () {
      for (; produced < 1000; produced++) yield text('x');
      yield finish();
    });
    const outcome = world.agent(model).run(newRun({ sink }));
    await sink.seen(() => sink.bodies.length === 256);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sink.bodies).toHaveLength(256);
    expect(produced).toBe(255);
    sink.release();
    expect((await outcome).text).toHaveLength(1000);
  });
});
