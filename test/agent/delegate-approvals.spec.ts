import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AgentRegistry } from '../../src/agent/catalogue/agent-registry.js';
import { AgentTools } from '../../src/agent/catalogue/agent-tools.js';
import { AgentVersions } from '../../src/agent/catalogue/agent-versions.js';
import { RunParked } from '../../src/agent/index.js';
import { ModelCatalogue } from '../../src/models/index.js';
import { loadSettings } from '../../src/platform/config/index.js';
import {
  finish,
  newRun,
  ScriptedModel,
  startWorld,
  text,
  toolCall,
  type AgentWorld,
  type Script,
} from './support.js';
import { TestTools } from './test-tools.js';

const AGENTS = `
agents:
  - {name: chief, kind: model, description: Directs., instructions: CHIEF, tools: [], delegates: [clerk, poet]}
  - {name: clerk, kind: model, description: Pays., instructions: CLERK, tools: [pay, echo], approvals: [pay]}
  - {name: poet, kind: model, description: Writes., instructions: POET, tools: [echo]}
`;

const ROLES: Record<string, Script> = {
  CHIEF: function* ({ messages }) {
    if (!messages.some(({ role }) => role === 'tool')) {
      yield toolCall('c1', 'task', { agent: 'clerk', task: 'Pay the bill' });
      yield toolCall('c2', 'task', { agent: 'poet', task: 'Write about it' });
      yield finish('tool_calls');
    } else yield* says('Both are done.');
  },
  CLERK: function* ({ messages }) {
    if (!messages.some(({ role }) => role === 'tool')) {
      yield text('I pay. ');
      yield toolCall('p1', 'pay', { text: 'bill' });
      yield finish('tool_calls');
    } else yield* says('Paid it.');
  },
  POET: function* () {
    yield* says('A poem.');
  },
};

function* says(what: string) {
  yield text(what);
  yield finish();
}

const tools = new TestTools();
let world: AgentWorld;
let folder: string;
beforeAll(async () => {
  world = await startWorld(tools);
  folder = mkdtempSync(path.join(os.tmpdir(), 'delegate-approvals-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await world.close();
});

it('a call of an agent that another one has started waits, and continues inside that agent', async () => {
  const file = path.join(folder, 'agents.yaml');
  writeFileSync(file, AGENTS);
  const { context } = world;
  const settings = loadSettings({ AGENTS_FILE: file });
  const agents = new AgentRegistry(
    settings,
    context.get(AgentTools),
    context.get(AgentVersions),
    context.get(ModelCatalogue),
  );
  const model = new ScriptedModel(async function* (request, signal) {
    const [system] = request.messages;
    const role = ROLES[system?.role === 'system' ? system.content : ''];
    if (role) yield* role(request, signal);
  });
  const agent = world.agent(model, { agents });
  const run = newRun({ agent: 'chief' });
  const parked = await agent.run(run).catch((error: unknown) => error);
  expect(parked).toBeInstanceOf(RunParked);
  const [asked] = run.sink.of('approval_required');
  expect(parked).toMatchObject({ calls: [{ call_id: asked?.call_id, name: 'pay' }] });
  expect(asked?.parent_call_id).toBe('c1');
  expect(run.sink.of('tool_end').map(({ call_id }) => call_id)).toEqual(['c2']); // the other agent went on
  expect(tools.paid).toEqual([]);

  const { tenant, message_id } = run;
  const key = { tenant, message_id, call_id: asked?.call_id ?? '' };
  await world.approvals.decide(key, { state: 'approved', decided_at: new Date() });
  const recorded = await world.journal.list(tenant, message_id);
  const outcome = await agent.run({ ...run, attempt: 2, prior: run.sink.asLog(run), recorded });
  expect(outcome).toMatchObject({ status: 'completed', text: 'Both are done.' });
  expect(tools.paid).toEqual(['bill']);
  expect(run.sink.of('approval_resolved')).toMatchObject([{ decision: 'approve', parent_call_id: 'c1' }]);
  const starts = run.sink.of('tool_start').map(({ call_id }) => call_id);
  expect(new Set(starts).size).toBe(starts.length);
  expect(
    run.sink
      .of('child_content')
      .map(({ md }) => md)
      .join('|'),
  ).toContain('Paid it.');
});
