import fc from 'fast-check';
import { z } from 'zod';
import { RunParked, type AgentOutcome, type AgentRun } from '../../src/agent/index.js';
import type { CallApproval } from '../../src/agent/calls/call-approval.js';
import { Tool, ToolError, type ToolResult } from '../../src/tools/index.js';
import {
  finish,
  newRun,
  RecordingSink,
  says,
  ScriptedModel,
  startWorld,
  text,
  toolCall,
  type AgentWorld,
  type Script,
} from './support.js';
import { TestTools } from './test-tools.js';

const letter = z.object({ to: z.string(), copies: z.int().max(9).optional() });

class Letters {
  readonly sent: string[] = [];

  @Tool({ name: 'send', description: 'Sends a letter.', parameters: letter, approval: true })
  send({ to }: z.output<typeof letter>): Promise<ToolResult> {
    this.sent.push(to);
    if (to === 'nobody') throw new ToolError('no such person');
    return Promise.resolve({ text: `sent to ${to}` });
  }
}

type Decision = { state: 'approved' | 'rejected' | 'expired'; reason?: string; arguments?: string };
type Leg = { outcome: AgentOutcome } | { parked: RunParked } | { crashed: true };

let world: AgentWorld;
const letters = new Letters();
const tools = new TestTools();

beforeAll(async () => {
  world = await startWorld(letters, tools);
});
afterAll(() => world.close());
beforeEach(() => {
  letters.sent.length = 0;
  tools.paid.length = 0;
  tools.echoed.length = 0;
});

/** One run in its attempts: what one left, the next continues. */
class Attempts {
  readonly run = newRun();
  attempt = 0;

  constructor(
    private readonly model: ScriptedModel,
    private readonly options: { approvals?: string[] } = {},
  ) {}

  get sink(): RecordingSink {
    return this.run.sink;
  }

  /** @param refuseAfter events after which the log is lost. */
  async next(refuseAfter = Infinity): Promise<Leg> {
    const { run, sink } = this;
    const prior = sink.asLog(run);
    const recorded = prior.length === 0 ? [] : await this.journal();
    sink.refuseFrom = sink.bodies.length + refuseAfter;
    try {
      const task: AgentRun = { ...run, attempt: ++this.attempt, prior, recorded };
      return { outcome: await world.agent(this.model, this.options).run(task) };
    } catch (error) {
      if (error instanceof RunParked) return { parked: error };
      expect(error).toMatchObject({ message: 'fenced' });
      return { crashed: true };
    }
  }

  journal() {
    return world.journal.list(this.run.tenant, this.run.message_id);
  }

  async pending(): Promise<string[]> {
    const open = (await this.journal()).filter(({ approval }) => approval?.state === 'pending');
    return open.map(({ call_id }) => call_id);
  }

  async decide(call_id: string, { state, ...rest }: Decision): Promise<boolean> {
    const { tenant, message_id } = this.run;
    const key = { tenant, message_id, call_id };
    if (state !== 'expired') return world.approvals.decide(key, { state, decided_at: new Date(), ...rest });
    // As the sweep does it, for one call.
    const late = new Date((await world.approvals.find(key))!.approval.expires_at.getTime() + 1);
    return (
      (await world.approvals.settle(key, { state: 'expired' as 'rejected', decided_at: late }))?.state ===
      'expired'
    );
  }
}

const turnsOf = (turns: { words: string; calls: [name: string, args: unknown][] }[]): Script =>
  function* ({ messages }) {
    const since = messages.slice(
      messages.findLastIndex(({ role, ...m }) => role === 'user' && !('continues' in m)) + 1,
    );
    const taken = since.filter((message) => message.role === 'assistant' && message.tool_calls).length;
    const { words, calls } = turns[taken]!;
    const last = messages.at(-1);
    const cut = last?.role === 'user' && last.continues ? messages.at(-2)!.content : '';
    for (const word of words.slice(cut.length).match(/.{1,9}/g) ?? []) yield text(word);
    for (const [name, args] of calls) yield toolCall('', name, args);
    yield finish(calls.length > 0 ? 'tool_calls' : 'stop');
  };

const sends = (to: string): [string, unknown] => ['send', { to }];
const closing = { words: 'That is done now.', calls: [] };

describe('a call that needs approval', () => {
  it('is asked for, durably, while the other calls of its turn run; then the run rests', async () => {
    const calls: [string, unknown][] = [sends('Ann'), ['echo', { text: 'x' }]];
    const attempts = new Attempts(new ScriptedModel(turnsOf([{ words: 'Writing.', calls }, closing])));
    const leg = await attempts.next();
    const [{ call_id } = { call_id: '' }] = attempts.sink.of('approval_required');
    expect(leg).toMatchObject({ parked: { calls: [{ call_id, name: 'send', args_summary: "to='Ann'" }] } });
    expect(attempts.sink.shape).toEqual(['content', 'approval_required', 'tool_start', 'tool_end']);
    expect(attempts.sink.of('approval_required')).toMatchObject([{ name: 'send', args: { to: 'Ann' } }]);
    expect(letters.sent).toEqual([]);
    expect(await attempts.journal()).toMatchObject([
      { call_id, status: 'running', approval: { state: 'pending' } },
      { name: 'echo', status: 'ok' },
    ]);
  });

  it('runs once it is approved, and the model goes on', async () => {
    const model = new ScriptedModel(turnsOf([{ words: '', calls: [sends('Ann')] }, closing]));
    const attempts = new Attempts(model);
    await attempts.next();
    const [id = ''] = await attempts.pending();
    await attempts.decide(id, { state: 'approved' });
    expect(await attempts.next()).toMatchObject({ outcome: { status: 'completed', tool_calls: 1 } });
    expect(letters.sent).toEqual(['Ann']);
    const shape = ['approval_required', 'approval_resolved', 'tool_start', 'tool_end', 'content'];
    expect(attempts.sink.shape).toEqual(shape);
    expect(attempts.sink.of('approval_resolved')).toEqual([
      { type: 'approval_resolved', call_id: id, decision: 'approve' },
    ]);
  });

  it('runs with the arguments of the person, which the model is shown as its own', async () => {
    const model = new ScriptedModel(turnsOf([{ words: '', calls: [sends('Ann')] }, closing]));
    const attempts = new Attempts(model);
    await attempts.next();
    const [id = ''] = await attempts.pending();
    await attempts.decide(id, { state: 'approved', arguments: '{"to":"Bea"}' });
    await attempts.next();
    expect(letters.sent).toEqual(['Bea']);
    expect(attempts.sink.of('approval_resolved')).toMatchObject([{ args: { to: 'Bea' } }]);
    expect(attempts.sink.of('tool_start')).toMatchObject([{ args: { to: 'Bea' }, args_summary: "to='Bea'" }]);
    expect(model.requests.at(-1)?.messages.at(-2)).toMatchObject({
      tool_calls: [{ arguments: '{"to":"Bea"}' }],
    });
    expect(await attempts.journal()).toMatchObject([
      { arguments: '{"to":"Ann"}', approval: { arguments: '{"to":"Bea"}' } },
    ]);
  });

  it.each<[Decision, string, RegExp, object]>([
    [
      { state: 'rejected', reason: 'Too dear.' },
      'approval_rejected',
      /person rejected.*Too dear\./,
      { reason: 'Too dear.' },
    ],
    [{ state: 'rejected' }, 'approval_rejected', /person rejected this call$/, {}],
    [{ state: 'expired' }, 'approval_expired', /nobody decided in time/, { expired: true }],
  ])('does not run when it is %j: the model is told why', async (decision, code, told, event) => {
    const model = new ScriptedModel(turnsOf([{ words: '', calls: [sends('Ann')] }, closing]));
    const attempts = new Attempts(model);
    await attempts.next();
    const [id = ''] = await attempts.pending();
    await attempts.decide(id, decision);
    expect(await attempts.next()).toMatchObject({ outcome: { status: 'completed', tool_calls: 0 } });
    expect(letters.sent).toEqual([]);
    expect(attempts.sink.of('tool_start')).toEqual([]);
    expect(attempts.sink.of('approval_resolved')).toEqual([
      { type: 'approval_resolved', call_id: id, decision: 'reject', ...event },
    ]);
    expect(attempts.sink.of('tool_end')).toMatchObject([{ call_id: id, status: 'error', error_code: code }]);
    const result = model.requests.at(-1)?.messages.at(-1);
    expect(result).toMatchObject({ role: 'tool', tool_call_id: id, error_code: code });
    expect(result?.content).toMatch(told);
  });

  it('is not asked for if it would fail anyway: the model corrects it', async () => {
    const calls: [string, unknown][] = [['send', { to: 7 }]];
    const attempts = new Attempts(new ScriptedModel(turnsOf([{ words: '', calls }, closing])));
    expect(await attempts.next()).toMatchObject({ outcome: { status: 'completed' } });
    expect(attempts.sink.of('approval_required')).toEqual([]);
    expect(attempts.sink.of('tool_end')).toMatchObject([{ error_code: 'invalid_arguments' }]);
  });

  it('may also be named by the agent', async () => {
    const calls: [string, unknown][] = [['pay', { text: 'x' }]];
    const model = new ScriptedModel(turnsOf([{ words: '', calls }, closing]));
    const attempts = new Attempts(model, { approvals: ['pay'] });
    expect(await attempts.next()).toMatchObject({ parked: { calls: [{ name: 'pay' }] } });
    expect(tools.paid).toEqual([]);
  });

  it('is decided beside others, each when its time comes', async () => {
    const turn = { words: '', calls: [sends('Ann'), sends('Bea'), sends('Cay')] };
    const attempts = new Attempts(new ScriptedModel(turnsOf([turn, closing])));
    await attempts.next();
    const [a = '', b = '', c = ''] = await attempts.pending();
    await attempts.decide(b, { state: 'approved' });
    expect(await attempts.next()).toMatchObject({ parked: { calls: [{ call_id: a }, { call_id: c }] } });
    expect(letters.sent).toEqual(['Bea']);
    await attempts.decide(c, { state: 'rejected' });
    await attempts.decide(a, { state: 'approved' });
    expect(await attempts.next()).toMatchObject({ outcome: { status: 'completed', tool_calls: 2 } });
    expect(letters.sent).toEqual(['Bea', 'Ann']);
    expect(attempts.sink.of('approval_required')).toHaveLength(3);
  });

  it('is decided once: of many decisions at the same moment one wins', async () => {
    const attempts = new Attempts(
      new ScriptedModel(turnsOf([{ words: '', calls: [sends('Ann')] }, closing])),
    );
    await attempts.next();
    const [id = ''] = await attempts.pending();
    const states = ['approved', 'rejected', 'approved', 'rejected'] as const;
    const won = await Promise.all(states.map((state) => attempts.decide(id, { state })));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await attempts.decide(id, { state: 'approved' })).toBe(false);
  });

  it('cannot be replaced by a worker that has lost the run', async () => {
    const attempts = new Attempts(
      new ScriptedModel(says(toolCall('one', 'send', { to: 'Ann' }), finish('tool_calls'))),
    );
    attempts.attempt = 4;
    await attempts.next();
    const late = {
      call_id: 'one',
      step: 1,
      position: 0,
      name: 'send',
      arguments: '{"to":"Eve"}',
      started_at: new Date(),
    };
    const stale = { ...attempts.run, attempt: 4 };
    await expect(world.journal.start(stale, [late])).rejects.toMatchObject({ code: 11_000 });
    expect(await attempts.journal()).toMatchObject([
      { arguments: '{"to":"Ann"}', approval: { state: 'pending' } },
    ]);
  });
});

const decision = fc.oneof(
  fc.constant<Decision>({ state: 'approved' }),
  fc.constant<Decision>({ state: 'approved', arguments: '{"to":"somebody else"}' }),
  fc.constant<Decision>({ state: 'rejected', reason: 'No.' }),
  fc.constant<Decision>({ state: 'expired' }),
);
/** How far an attempt gets, and what is decided after it. */
const leg = fc.record({
  events: fc.integer({ min: 0, max: 12 }),
  decisions: fc.array(decision, { maxLength: 2 }),
});

const TURNS: Parameters<typeof turnsOf>[0] = [
  {
    words: 'First I ask around.',
    calls: [['echo', { text: 'one' }], sends('Ann'), sends('Bea'), ['pay', { text: 'two' }]],
  },
  { words: 'Then once more.', calls: [sends('Cay')] },
  { words: 'The letters were dealt with, as you wished.', calls: [] },
];
const WHOLE = TURNS.map(({ words }) => words).join('\n\n');

describe('a run with calls that need approval', () => {
  it('loses, repeats and reorders nothing wherever it is interrupted and whenever people decide', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(leg, { minLength: 2, maxLength: 14 }), async (legs) => {
        letters.sent.length = 0;
        tools.paid.length = 0;
        const attempts = new Attempts(new ScriptedModel(turnsOf(TURNS)));
        const decided = new Map<string, Decision>();
        const decideSome = async (decisions: readonly Decision[]): Promise<void> => {
          for (const one of decisions) {
            const [id] = await attempts.pending();
            if (id !== undefined && (await attempts.decide(id, one))) decided.set(id, one);
          }
        };
        for (const { events, decisions } of legs) {
          if ('outcome' in (await attempts.next(events))) break;
          await decideSome(decisions);
        }
        let last: Leg = { crashed: true };
        while (!('outcome' in last)) {
          last = await attempts.next();
          await decideSome([{ state: 'approved' }, { state: 'approved' }]);
        }
        expect(last.outcome).toMatchObject({ status: 'completed', text: WHOLE });
        await expectSound(attempts, decided);
      }),
      { numRuns: 60 },
    );
  });
});

async function expectSound({ sink, ...attempts }: Attempts, decided: Map<string, Decision>): Promise<void> {
  expect(sink.text).toBe(WHOLE);
  const ids = (bodies: readonly { call_id: string }[]): string[] =>
    bodies.map(({ call_id }) => call_id).sort();
  const asked = ids(sink.of('approval_required'));
  expect(asked).toEqual(ids([...decided].map(([call_id]) => ({ call_id }))));
  expect(ids(sink.of('approval_resolved'))).toEqual(asked);
  expect(new Set(ids(sink.of('tool_start'))).size).toBe(sink.of('tool_start').length);
  expect(new Set(ids(sink.of('tool_end'))).size).toBe(5);
  expect(sink.of('tool_end')).toHaveLength(5);
  const order = ['approval_required', 'approval_resolved', 'tool_start', 'tool_end'];
  for (const id of asked) {
    const types = sink.bodies
      .filter((body) => 'call_id' in body && body.call_id === id)
      .map(({ type }) => type);
    const approved = decided.get(id)?.state === 'approved';
    expect(types).toEqual(approved ? order : order.filter((type) => type !== 'tool_start'));
  }
  const approved = [...decided.values()].filter(({ state }) => state === 'approved');
  expect(letters.sent.length).toBeLessThanOrEqual(approved.length);
  expect(letters.sent.filter((to) => to === 'somebody else').length).toBeLessThanOrEqual(
    approved.filter((one) => one.arguments).length,
  );
  expect(tools.paid.length).toBeLessThanOrEqual(1);
  const journal = await world.journal.list(attempts.run.tenant, attempts.run.message_id);
  const states = new Map(
    journal.map(({ call_id, approval }): [string, CallApproval['state'] | undefined] => [
      call_id,
      approval?.state,
    ]),
  );
  for (const [id, { state }] of decided) expect(states.get(id)).toBe(state);
}
