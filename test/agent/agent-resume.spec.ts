import fc from 'fast-check';
import type { AgentOutcome, AgentRun } from '../../src/agent/index.js';
import type { ModelMessage } from '../../src/models/index.js';
import type { ToolCallEnd } from '../../src/agent/calls/tool-journal.js';
import {
  asLog,
  finish,
  newRun,
  RecordingSink,
  ScriptedModel,
  startWorld,
  text,
  toolCall,
  says,
  type AgentWorld,
  type Script,
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
});

const turns = [
  { words: ['Let me ', 'look at this.'], calls: ['echo one', 'echo two'] },
  { words: ['Now I pay.'], calls: ['pay three'] },
  { words: ['The contractor ', 'reports on working ', 'conditions every ', 'year.'], calls: [] },
];
const WHOLE =
  'Let me look at this.\n\nNow I pay.\n\nThe contractor reports on working conditions every year.';

/** Knows its turn from the transcript alone, as a real model does; told to continue, it does so or starts over. */
const honest = (startsOver: boolean): Script =>
  function* ({ messages }) {
    const since = messages.slice(messages.findLastIndex(isQuestion) + 1);
    const turn = turns[since.filter((message) => message.role === 'assistant' && message.tool_calls).length]!;
    const last = messages.at(-1);
    const cut = last?.role === 'user' && last.continues ? messages.at(-2)!.content : '';
    const whole = turn.words.join('');
    expect(whole.startsWith(cut)).toBe(true);
    for (const word of (startsOver ? whole : whole.slice(cut.length)).match(/.{1,9}/g) ?? [])
      yield text(word);
    const calls = turn.calls.map((call) => call.split(' '));
    for (const [name = '', said = ''] of calls) yield toolCall('', name, { text: said });
    yield finish(calls.length > 0 ? 'tool_calls' : 'stop');
  };

function isQuestion(message: ModelMessage): boolean {
  return message.role === 'user' && !message.continues;
}

/** Runs until the log is lost after this many events, then continues with what is in the log. */
async function crashAt(
  count: number,
  startsOver: boolean,
): Promise<{ sink: RecordingSink; outcome: AgentOutcome; run: AgentRun }> {
  const first = newRun();
  first.sink.refuseFrom = count;
  await world
    .agent(new ScriptedModel(honest(startsOver)))
    .run(first)
    .catch((error: unknown) => {
      expect(error).toMatchObject({ message: 'fenced' });
    });
  const sink = new RecordingSink();
  sink.bodies.push(...first.sink.bodies);
  const recorded = await world.journal.list(first.tenant, first.message_id);
  const again = { ...first, sink, prior: first.sink.asLog(first), recorded };
  const outcome = await world.agent(new ScriptedModel(honest(startsOver))).run(again);
  return { sink, outcome, run: again };
}

describe('a run that another worker continues', () => {
  it('is one coherent answer wherever it was interrupted', async () => {
    const events = (await crashAt(Infinity, false)).sink.bodies.length;
    expect(events).toBeGreaterThan(15);
    await fc.assert(
      fc.asyncProperty(fc.nat(events), fc.boolean(), async (count, startsOver) => {
        tools.paid.length = 0;
        const { sink, outcome, run } = await crashAt(count, startsOver);
        expect(sink.text).toBe(WHOLE);
        expect(outcome).toMatchObject({ status: 'completed', text: WHOLE, tool_calls: 3 });
        expect(tools.paid).toEqual(['three']);
        const started = sink.of('tool_start').map(({ call_id }) => call_id);
        expect(new Set(started).size).toBe(3);
        expect(
          sink
            .of('tool_end')
            .map(({ call_id }) => call_id)
            .sort(),
        ).toEqual([...started].sort());
        const journal = await world.journal.list(run.tenant, run.message_id);
        expect(journal.every(({ status }) => status !== 'running')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  /** A run whose worker died while this tool ran. */
  async function diedDuring(
    name: string,
    fields: Partial<{ finished: Partial<ToolCallEnd>; announced: boolean }> = {},
  ): Promise<AgentRun & { sink: RecordingSink }> {
    const run = newRun();
    const call = {
      call_id: 'a',
      step: 1,
      position: 0,
      name,
      arguments: '{"text":"x"}',
      started_at: new Date(),
    };
    await world.journal.start(run, [call]);
    if (fields.finished) {
      await world.journal.finish(run, {
        call_id: 'a',
        status: 'error',
        result: 'Error: it broke',
        ms: 12,
        ended_at: new Date(),
        ...fields.finished,
      });
    }
    const started = [{ type: 'tool_start' as const, call_id: 'a', name, args_summary: '' }];
    const recorded = await world.journal.list(run.tenant, run.message_id);
    return { ...run, recorded, prior: asLog(fields.announced === false ? [] : started, run) };
  }

  const answer = () => new ScriptedModel(says(text('ok'), finish()));

  it('does not repeat a tool call that had ended, and announces its end', async () => {
    const run = await diedDuring('pay', {
      finished: { status: 'ok', result: 'the full result', result_summary: 'the result' },
    });
    const model = answer();
    const outcome = await world.agent(model).run(run);
    expect(tools.paid).toEqual([]);
    expect(run.sink.of('tool_end')).toEqual([
      {
        type: 'tool_end',
        call_id: 'a',
        name: 'pay',
        status: 'ok',
        ms: 12,
        result_summary: 'the result',
        result: 'the full result',
      },
    ]);
    expect(model.requests[0]?.messages.at(-1)).toEqual({
      role: 'tool',
      tool_call_id: 'a',
      content: 'the full result',
    });
    expect(outcome.tool_calls).toBe(1);
  });

  it.each([
    ['', { error_code: 'broken', result_summary: 'it broke' }, 'broken', 'it broke'],
    [', by a server that had no codes yet', {}, 'tool_failed', 'Error: it broke'],
  ])(
    'reports a failed call as failed, in the same words%s',
    async (_by, finished, error_code, result_summary) => {
      const run = await diedDuring('pay', { finished });
      const model = answer();
      await world.agent(model).run(run);
      const end = { type: 'tool_end', call_id: 'a', name: 'pay', status: 'error', ms: 12 };
      expect(run.sink.of('tool_end')).toEqual([{ ...end, error_code, result_summary }]);
      expect(model.requests[0]?.messages.at(-1)).toEqual({
        role: 'tool',
        tool_call_id: 'a',
        content: 'Error: it broke',
        error_code,
      });
    },
  );

  it.each([
    ['its code', { error_code: 'broken' }, 'broken'],
    ['no code, by an older server', {}, 'tool_failed'],
  ])('knows a failed call from the log alone, with %s', async (_with, code, error_code) => {
    const run = newRun();
    const call = { call_id: 'a', name: 'pay' };
    const prior = asLog(
      [
        { type: 'tool_start', ...call, args_summary: '' },
        { type: 'tool_end', ...call, status: 'error', ms: 1, result_summary: 'it broke', ...code },
      ],
      run,
    );
    const model = answer();
    await world.agent(model).run({ ...run, prior });
    expect(model.requests[0]?.messages.at(-1)).toMatchObject({ content: 'it broke', error_code });
  });

  it('reruns an interrupted idempotent tool', async () => {
    const run = await diedDuring('echo');
    expect(await world.agent(answer()).run(run)).toMatchObject({ status: 'completed', tool_calls: 1 });
    expect(tools.echoed).toEqual(['x']);
    expect(run.sink.shape).toEqual(['status', 'tool_end', 'content']);
    expect(await world.journal.list(run.tenant, run.message_id)).toMatchObject([
      { status: 'ok', result: 'echo of x' },
    ]);
  });

  it('tells the model that the outcome of any other tool is unknown', async () => {
    const run = await diedDuring('pay');
    const model = answer();
    expect(await world.agent(model).run(run)).toMatchObject({ status: 'completed', tool_calls: 1 });
    expect(tools.paid).toEqual([]);
    const unknown = 'outcome unknown: the server stopped while the tool ran';
    const failure = { status: 'error', error_code: 'outcome_unknown', result_summary: unknown };
    expect(run.sink.of('tool_end')).toMatchObject([failure]);
    expect(model.requests[0]?.messages.at(-1)).toMatchObject({
      content: `Error: ${unknown}`,
      error_code: 'outcome_unknown',
    });
    expect(await world.journal.list(run.tenant, run.message_id)).toMatchObject([failure]);
  });

  it('reports what the lost worker got from the tool at the last moment', async () => {
    const run = await diedDuring('pay');
    const end = { call_id: 'a', status: 'ok' as const, result: 'paid', ms: 7, ended_at: new Date() };
    await world.journal.finish(run, end); // after the journal was read
    const model = answer();
    await world.agent(model).run(run);
    expect(run.sink.of('tool_end')).toMatchObject([{ status: 'ok', ms: 7, result_summary: 'paid' }]);
    expect(model.requests[0]?.messages.at(-1)?.content).toBe('paid');
  });

  it('runs a tool that was recorded but had not started', async () => {
    const run = await diedDuring('pay', { announced: false });
    expect(await world.agent(answer()).run(run)).toMatchObject({ tool_calls: 1 });
    expect(tools.paid).toEqual(['x']);
    expect(run.sink.shape).toEqual(['tool_start', 'tool_end', 'content']);
  });

  it('counts the steps and the text of earlier attempts', async () => {
    const run = await diedDuring('pay', { finished: { status: 'ok' } });
    const limits = { RUN_MAX_STEPS: '1' };
    expect(await world.agent(answer(), { env: limits }).run(run)).toMatchObject({
      error: { code: 'step_limit' },
    });
    const long = newRun();
    const prior = asLog([{ type: 'content', md: '12345678' }], long);
    const outcome = await world
      .agent(new ScriptedModel(says(text('9'), finish())), { env: { RUN_MAX_OUTPUT_CHARS: '8' } })
      .run({ ...long, prior });
    expect(outcome).toMatchObject({ text: '12345678', error: { code: 'output_limit' } });
  });

  it('adds nothing if the answer was complete', async () => {
    const run = newRun();
    const prior = asLog([{ type: 'content', md: 'All said.' }], run);
    const outcome = await world.agent(new ScriptedModel(says(finish()))).run({ ...run, prior });
    expect(outcome).toMatchObject({ status: 'completed', text: 'All said.' });
    expect(run.sink.bodies).toEqual([]);
  });
});
