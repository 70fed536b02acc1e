import type { EventBody } from '@reprise/protocol';
import fc from 'fast-check';
import { ModelCatalogue } from '../../src/models/index.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { RunParked, ToolJournal, type AgentOutcome, type AgentRun } from '../../src/agent/index.js';
import { AgentRegistry } from '../../src/agent/catalogue/agent-registry.js';
import { AgentTools } from '../../src/agent/catalogue/agent-tools.js';
import { AgentVersions } from '../../src/agent/catalogue/agent-versions.js';
import { loadSettings } from '../../src/platform/config/index.js';
import {
  finish,
  newRun,
  RecordingSink,
  ScriptedModel,
  startWorld,
  text,
  toolCall,
  usage,
  type AgentWorld,
  type Script,
} from './support.js';
import { TestTools } from './test-tools.js';

const tools = new TestTools();
let world: AgentWorld;
let folder: string;
beforeAll(async () => {
  world = await startWorld(tools);
  folder = mkdtempSync(path.join(os.tmpdir(), 'delegates-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await world.close();
});
beforeEach(() => {
  tools.paid.length = 0;
  tools.onEcho = () => Promise.resolve();
});

const AGENTS = `
agents:
  - {name: chief, kind: model, description: Directs., instructions: CHIEF, tools: [], delegates: [clerk, poet]}
  - {name: clerk, kind: model, description: Pays., instructions: CLERK, tools: [pay, echo], delegates: [poet]}
  - {name: poet, kind: model, description: Writes., instructions: POET, tools: [echo]}
  - {name: narcissus, kind: model, description: Asks himself., instructions: NARCISSUS, tools: [], delegates: [narcissus]}
  - {name: line, kind: workflow, description: In a row., strategy: sequential, agents: [clerk, poet]}
  - {name: side, kind: workflow, description: Side by side., strategy: parallel, agents: [clerk, poet]}
  - {name: judged, kind: workflow, description: Put together., strategy: parallel, agents: [clerk, poet], lead: poet}
  - {name: team, kind: workflow, description: Directed., strategy: hierarchical, agents: [clerk], lead: chief}
`;

let files = 0;
function registry(yaml = AGENTS, env: Record<string, string> = {}): AgentRegistry {
  const file = path.join(folder, `agents-${++files}.yaml`);
  writeFileSync(file, yaml);
  const { context } = world;
  return new AgentRegistry(
    loadSettings({ AGENTS_FILE: file, ...env }),
    context.get(AgentTools),
    context.get(AgentVersions),
    context.get(ModelCatalogue),
  );
}

const task = (id: string, agent: string, what: string) => toolCall(id, 'task', { agent, task: what });

/** Answers by what the instructions say, whoever asks first. */
function byRole(roles: Record<string, Script>): ScriptedModel {
  return new ScriptedModel(async function* (request, signal) {
    const [system] = request.messages;
    const role = roles[system?.role === 'system' ? system.content : ''];
    if (role) yield* role(request, signal);
  });
}

const resultsIn = (messages: readonly { role: string }[]) =>
  messages.filter(({ role }) => role === 'tool').length;

/** Two agents side by side, one of which pays and starts a third; every text continues where it was cut. */
const OFFICE: Record<string, Script> = {
  CHIEF: function* ({ messages }) {
    if (resultsIn(messages) === 0) {
      yield text('I ask. ');
      yield task('c1', 'clerk', 'Pay the bill');
      yield task('c2', 'poet', 'Write about it');
      yield usage(10, 1);
      yield finish('tool_calls');
    } else yield* rest(messages, ['Both ', 'are ', 'done.']);
  },
  CLERK: function* ({ messages }) {
    const results = resultsIn(messages);
    if (results === 0) {
      yield toolCall('p1', 'pay', { text: 'bill' });
      yield finish('tool_calls');
    } else if (results === 1) {
      yield task('t1', 'poet', 'A line for the receipt');
      yield usage(5, 1);
      yield finish('tool_calls');
    } else yield* rest(messages, ['Paid ', 'it.']);
  },
  POET: function* ({ messages }) {
    if (resultsIn(messages) === 0) {
      yield toolCall('p1', 'echo', { text: 'rhyme' });
      yield finish('tool_calls');
    } else yield* rest(messages, ['A ', 'poem.']);
  },
};

function* rest(
  messages: readonly { role: string; content?: string; continues?: boolean }[],
  words: string[],
) {
  const [partial, instruction] = messages.slice(-2);
  const said = instruction?.continues ? (partial?.content ?? '') : '';
  const left = words.join('').slice(said.length);
  for (const word of left.match(/\S+\s*/g) ?? []) yield text(word);
  yield finish();
}

const startOf = (sink: RecordingSink, name: string) =>
  sink.of('tool_start').filter((event) => event.name === name);

/** Acknowledges each event some turns of the event loop later, as a database does. */
class SlowSink extends RecordingSink {
  readonly unacknowledged = new Set<EventBody>();

  override async emit(body: EventBody): Promise<void> {
    this.unacknowledged.add(body);
    await super.emit(body);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    this.unacknowledged.delete(body);
  }
}

describe('an agent that starts others', () => {
  it('has their whole text in the log before the journal knows their answer', async () => {
    const sink = new SlowSink();
    const journal = world.context.get(ToolJournal);
    const early: EventBody[] = [];
    const ended: string[] = [];
    const finish = journal.finish.bind(journal);
    journal.finish = (run, end) => {
      ended.push(end.call_id);
      const isOfCall = (body: EventBody) => 'parent_call_id' in body && body.parent_call_id === end.call_id;
      early.push(...[...sink.unacknowledged].filter(isOfCall));
      return finish(run, end);
    };
    const outcome = await world
      .agent(byRole(OFFICE), { agents: registry() })
      .run(newRun({ agent: 'chief', sink }))
      .finally(() => {
        journal.finish = finish;
      });
    expect(outcome.status).toBe('completed');
    expect(ended).toEqual(expect.arrayContaining(['c1', 'c2', 't1']));
    expect(early).toEqual([]);
  });

  it('gets their answers as results; their events carry the id of its call', async () => {
    const run = newRun({ agent: 'chief' });
    const model = byRole(OFFICE);
    const outcome = await world.agent(model, { agents: registry() }).run(run);
    expect(outcome).toMatchObject({ status: 'completed', text: 'I ask. \n\nBoth are done.' });
    expect(run.sink.text).toBe(outcome.text);
    const [c1, c2] = startOf(run.sink, 'task');
    const [t1] = run.sink
      .of('tool_start')
      .filter(({ parent_call_id }) => parent_call_id === c1?.call_id && true);
    expect(
      run.sink
        .of('tool_start')
        .map(({ name, parent_call_id }) => [name, parent_call_id])
        .sort(),
    ).toEqual(
      [
        ['task', undefined],
        ['task', undefined],
        ['pay', c1?.call_id],
        ['task', c1?.call_id],
        ['echo', c2?.call_id],
        [
          'echo',
          run.sink.of('tool_start').find(({ name, parent_call_id }) => name === 'task' && parent_call_id)
            ?.call_id,
        ],
      ].sort(),
    );
    expect(t1).toBeDefined();
    const said = (id = '') =>
      run.sink
        .of('child_content')
        .filter(({ parent_call_id }) => parent_call_id === id)
        .map(({ md }) => md)
        .join('');
    expect(said(c1?.call_id)).toBe('Paid it.');
    expect(said(c2?.call_id)).toBe('A poem.');
    const last = model.requests.at(-1)?.messages.filter(({ role }) => role === 'tool');
    expect(last).toMatchObject([{ content: 'Paid it.' }, { content: 'A poem.' }]);
    expect(run.usage.total.prompt_tokens).toBe(15);
    const ids = run.sink.of('tool_start').map(({ call_id }) => call_id);
    expect(new Set(ids).size).toBe(ids.length);
    const journal = await world.journal.list(run.tenant, run.message_id);
    expect(journal).toHaveLength(6);
    expect(journal.every(({ status }) => status === 'ok')).toBe(true);
  });

  it('is told of agents that it may not start, of failures and of limits', async () => {
    const yaml = `${AGENTS}
  - {name: busy, kind: model, description: d, instructions: BUSY, tools: [], delegates: [poet], limits: {max_delegates: 1}}`;
    const model = byRole({
      ...OFFICE,
      BUSY: function* ({ messages }) {
        if (resultsIn(messages) === 0) {
          yield task('a', 'clerk', 'Pay');
          yield toolCall('b', 'task', { agent: 'poet' });
          yield task('c', 'poet', 'One');
          yield task('d', 'poet', 'Two');
          yield finish('tool_calls');
        } else yield* rest(messages, ['ok']);
      },
    });
    const run = newRun({ agent: 'busy' });
    await world.agent(model, { agents: registry(yaml) }).run(run);
    const codes = Object.fromEntries(
      run.sink
        .of('tool_end')
        .filter(({ parent_call_id }) => parent_call_id === undefined)
        .map(({ call_id, error_code }) => [call_id, error_code]),
    );
    expect(codes).toEqual({
      a: 'unknown_agent',
      b: 'invalid_arguments',
      c: undefined,
      d: 'too_many_delegates',
    });
  });

  it('may start no more of them after a takeover than before', async () => {
    const yaml = `
agents:
  - {name: busy, kind: model, description: d, instructions: BUSY, tools: [], delegates: [mute], limits: {max_delegates: 1}}
  - {name: mute, kind: model, description: d, instructions: MUTE, tools: []}`;
    const model = () =>
      byRole({
        MUTE: function* ({ messages }) {
          yield* rest(messages, ['Hm.']);
        },
        BUSY: function* ({ messages }) {
          const results = resultsIn(messages);
          if (results < 2) {
            yield task(`t${results}`, 'mute', 'Speak');
            yield finish('tool_calls');
          } else yield* rest(messages, ['ok']);
        },
      });
    const agents = registry(yaml);
    const first = newRun({ agent: 'busy' });
    first.sink.refuseFrom = 3; // the first delegate has ended
    await expect(world.agent(model(), { agents }).run(first)).rejects.toThrow('fenced');
    const sink = new RecordingSink();
    sink.bodies.push(...first.sink.bodies);
    const recorded = await world.journal.list(first.tenant, first.message_id);
    expect(recorded[0]).toMatchObject({ name: 'task', status: 'ok' });
    const again = { ...first, sink, prior: first.sink.asLog(first), recorded };
    await world.agent(model(), { agents }).run(again);
    expect(sink.of('tool_end').map(({ error_code }) => error_code)).toEqual([
      undefined,
      'too_many_delegates',
    ]);
  });

  it('has a limit of its own, whoever has started it', async () => {
    const yaml = `
agents:
  - {name: top, kind: model, description: d, instructions: TOP, tools: [], delegates: [middle]}
  - {name: middle, kind: model, description: d, instructions: MIDDLE, tools: [], delegates: [mute], limits: {max_delegates: 1}}
  - {name: mute, kind: model, description: d, instructions: MUTE, tools: []}`;
    const model = byRole({
      TOP: function* ({ messages }) {
        if (resultsIn(messages) === 0) {
          yield task('m', 'middle', 'Ask twice');
          yield finish('tool_calls');
        } else yield* rest(messages, ['ok']);
      },
      MIDDLE: function* ({ messages }) {
        if (resultsIn(messages) === 0) {
          yield task('a', 'mute', 'One');
          yield task('b', 'mute', 'Two');
          yield finish('tool_calls');
        } else yield* rest(messages, ['ok']);
      },
      MUTE: function* ({ messages }) {
        yield* rest(messages, ['Hm.']);
      },
    });
    const run = newRun({ agent: 'top' });
    await world.agent(model, { agents: registry(yaml) }).run(run);
    const codes = Object.fromEntries(
      run.sink.of('tool_end').map(({ call_id, error_code }) => [call_id, error_code]),
    );
    expect(codes).toEqual({ a: undefined, b: 'too_many_delegates', m: undefined });
    const all = newRun({ agent: 'top' });
    const agents = registry(yaml.replace(', limits: {max_delegates: 1}', ''));
    await world.agent(model, { agents, env: { AGENT_MAX_DELEGATES: '2' } }).run(all);
    expect(all.sink.of('tool_end').filter((end) => end.error_code === 'too_many_delegates')).toHaveLength(1);
  });

  it('does so only down to a depth', async () => {
    const run = newRun({ agent: 'narcissus' });
    const model = byRole({
      NARCISSUS: function* ({ messages, tools: offered }) {
        if (offered.length > 0 && resultsIn(messages) === 0) {
          yield task('n', 'narcissus', 'Deeper');
          yield finish('tool_calls');
        } else yield* rest(messages, ['Echo.']);
      },
    });
    const agents = registry();
    const outcome = await world.agent(model, { agents, env: { AGENT_MAX_DEPTH: '2' } }).run(run);
    expect(outcome).toMatchObject({ status: 'completed', text: 'Echo.' });
    expect(startOf(run.sink, 'task')).toHaveLength(2);
  });

  it('ends with them when the run is cancelled: every call that started has ended', async () => {
    const cancel = new AbortController();
    tools.onEcho = () => {
      cancel.abort(new Error('cancelled'));
      return Promise.resolve();
    };
    const run = newRun({ agent: 'chief', signal: cancel.signal });
    await expect(world.agent(byRole(OFFICE), { agents: registry() }).run(run)).rejects.toThrow('cancelled');
    const ended = new Set(run.sink.of('tool_end').map(({ call_id }) => call_id));
    expect(run.sink.of('tool_start').every(({ call_id }) => ended.has(call_id))).toBe(true);
  });
});

/** Runs until the log is lost after this many events, then continues with what is in the log. */
async function crashAt(agent: string, count: number) {
  const agents = registry();
  const first = newRun({ agent });
  first.sink.refuseFrom = count;
  const whole = await world
    .agent(byRole(OFFICE), { agents })
    .run(first)
    .catch((error: unknown) => {
      expect(error).toMatchObject({ message: 'fenced' });
    });
  if (whole) return { sink: first.sink, outcome: whole };
  const sink = new RecordingSink();
  sink.bodies.push(...first.sink.bodies);
  const recorded = await world.journal.list(first.tenant, first.message_id);
  const again: AgentRun = { ...first, sink, prior: first.sink.asLog(first), recorded };
  const outcome: AgentOutcome = await world.agent(byRole(OFFICE), { agents }).run(again);
  return { sink, outcome };
}

describe('a run with several agents that another worker continues', () => {
  it.each(['chief', 'line', 'side', 'judged', 'team'])(
    'is the same wherever it was interrupted: %s',
    async (agent) => {
      const whole = await crashAt(agent, Infinity);
      expect(whole.outcome.status).toBe('completed');
      const events = whole.sink.bodies.length;
      await fc.assert(
        fc.asyncProperty(fc.nat(events), async (count) => {
          tools.paid.length = 0;
          const { sink, outcome } = await crashAt(agent, count);
          expect(outcome).toEqual(whole.outcome);
          expect(sink.text).toBe(whole.outcome.text);
          const starts = sink.of('tool_start').map(({ call_id }) => call_id);
          const ends = sink.of('tool_end').map(({ call_id }) => call_id);
          expect(new Set(starts).size).toBe(starts.length);
          expect([...ends].sort()).toEqual([...starts].sort());
          expect(starts).toHaveLength(whole.sink.of('tool_start').length);
          expect(tools.paid.length).toBeLessThanOrEqual(1);
        }),
        { numRuns: 40 },
      );
    },
  );
});

describe('a workflow', () => {
  it('hands each answer to the next agent: sequential', async () => {
    const run = newRun({ agent: 'line', content: 'The question' });
    const model = byRole(OFFICE);
    const outcome = await world.agent(model, { agents: registry() }).run(run);
    expect(outcome).toMatchObject({ status: 'completed', text: 'A poem.', model: 'workflow:sequential' });
    const asked = startOf(run.sink, 'task').filter(({ parent_call_id }) => parent_call_id === undefined);
    expect(asked.map(({ args }) => args)).toMatchObject([
      { agent: 'clerk', task: 'The question' },
      { agent: 'poet', task: expect.stringContaining('<result agent="clerk">\nPaid it.\n</result>') },
    ]);
  });

  it('joins the answers of agents side by side, or lets its lead do so: parallel', async () => {
    const agents = registry();
    const side = await world.agent(byRole(OFFICE), { agents }).run(newRun({ agent: 'side' }));
    expect(side.text).toBe('## clerk\n\nPaid it.\n\n## poet\n\nA poem.');
    const judged = await world.agent(byRole(OFFICE), { agents }).run(newRun({ agent: 'judged' }));
    expect(judged.text).toBe('A poem.');
  });

  it('is directed by its lead: hierarchical', async () => {
    const outcome = await world.agent(byRole(OFFICE), { agents: registry() }).run(newRun({ agent: 'team' }));
    expect(outcome.text).toBe('I ask. \n\nBoth are done.');
  });

  it('fails with the agent that fails', async () => {
    const model = byRole({
      ...OFFICE,
      CLERK: function* () {
        yield finish('content_filter');
      },
    });
    const outcome = await world.agent(model, { agents: registry() }).run(newRun({ agent: 'line' }));
    expect(outcome).toMatchObject({
      status: 'error',
      error: { code: 'workflow_step_failed', retryable: false },
    });
  });

  it('can be described by a request', async () => {
    const agents = registry();
    expect(() => agents.adHoc({ strategy: 'sequential', agents: ['clerk', 'nobody'] })).toThrow('nobody');
    expect(() => agents.adHoc({ strategy: 'hierarchical', agents: ['clerk'] })).toThrow('lead');
    const adHoc = agents.adHoc({ strategy: 'sequential', agents: ['poet'] });
    await agents.remember(adHoc);
    const run = newRun({ agent: adHoc.name, agent_version: adHoc.version });
    const outcome = await world.agent(byRole(OFFICE), { agents: registry() }).run(run);
    expect(outcome.text).toBe('A poem.');
  });
});

describe('an approval that a delegate needs', () => {
  const ASKING = AGENTS.replace('tools: [pay, echo]', 'tools: [pay, echo], approvals: [pay]');

  /** Works in attempts until the run has an outcome; everything that waits is approved. */
  async function work(agent: string, lostAfter = Infinity) {
    const agents = registry(ASKING);
    const run = newRun({ agent });
    const { sink } = run;
    sink.refuseFrom = lostAfter;
    for (let attempt = 1; attempt < 10; attempt++) {
      const prior = sink.asLog(run);
      const recorded = prior.length === 0 ? [] : await world.journal.list(run.tenant, run.message_id);
      try {
        const outcome = await world
          .agent(byRole(OFFICE), { agents })
          .run({ ...run, attempt, prior, recorded });
        return { outcome, sink };
      } catch (error) {
        sink.refuseFrom = Infinity;
        if (!(error instanceof RunParked)) {
          expect(error).toMatchObject({ message: 'fenced' });
          continue;
        }
        for (const { call_id } of error.calls) {
          const { tenant, message_id } = run;
          const decision = { state: 'approved' as const, decided_at: new Date() };
          await world.approvals.decide({ tenant, message_id, call_id }, decision);
        }
      }
    }
    throw new Error('The run did not end.');
  }

  it.each(['chief', 'line', 'team'])('rests the whole run, and continues inside it: %s', async (agent) => {
    const whole = await work(agent);
    expect(whole.outcome.status).toBe('completed');
    const [asked] = whole.sink.of('approval_required');
    const [paying] = startOf(whole.sink, 'pay');
    expect(asked).toMatchObject({ name: 'pay', parent_call_id: paying?.parent_call_id });
    expect(tools.paid).toEqual(['bill']);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.sink.bodies.length), async (count) => {
        tools.paid.length = 0;
        const { outcome, sink } = await work(agent, count);
        expect(outcome).toEqual(whole.outcome);
        expect(sink.of('approval_required')).toHaveLength(1);
        expect(sink.of('approval_resolved')).toHaveLength(1);
        const ids = sink.of('tool_start').map(({ call_id }) => call_id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(tools.paid.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 25 },
    );
  });
});
