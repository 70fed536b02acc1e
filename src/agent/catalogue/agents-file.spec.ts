import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { YamlFileError } from '../../platform/config/index.js';
import { readAgentsFile } from './agents-file.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'agents-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function read(text: string) {
  const file = path.join(folder, 'agents.yaml');
  writeFileSync(file, text);
  return readAgentsFile(file);
}

function faults(text: string): string[] {
  try {
    read(text);
  } catch (error) {
    if (error instanceof YamlFileError) return error.faults.map((fault) => fault.replace(`${folder}/`, ''));
    throw error;
  }
  return [];
}

const agent = (name: string, more = '') =>
  `  - name: ${name}\n    kind: model\n    description: It helps.\n    instructions: Help.\n${more}`;

describe('a file of agents', () => {
  it('describes agents of every kind', () => {
    const { agents, default: name } = read(`
agents:
${agent('writer', '    tools: []\n    models: [openai:gpt-5, anthropic:claude]\n    sampling: {temperature: 0.2}')}
${agent('lead', '    delegates: [writer]')}
  - {name: team, kind: workflow, description: Both., strategy: sequential, agents: [writer, lead]}
  - {name: away, kind: remote, description: Far., url: 'https://agents.example/run', headers: {X-Key: '\${PATH}'}}
default: team
`);
    expect(name).toBe('team');
    expect(agents).toMatchObject([
      {
        kind: 'model',
        tools: [],
        models: ['openai:gpt-5', 'anthropic:claude'],
        sampling: { temperature: 0.2 },
      },
      { kind: 'model', tools: 'built-in', delegates: ['writer'], parallel: true },
      { kind: 'workflow', strategy: 'sequential', agents: ['writer', 'lead'] },
      { kind: 'remote', protocol: 'sse', headers: { 'X-Key': '${PATH}' } },
    ]);
  });

  it('turns type rules and custom instructions into instructions', () => {
    const { agents } = read(`
agents:
${agent(
  'travel',
  `    custom_instructions: [Geocode first.]
    type_rules:
      - {names: [lat, lon], type: JSON numbers, example: '35.6', not: '"35.6"', description: coordinates}`,
)}
`);
    expect(agents[0]).toMatchObject({
      instructions:
        'Help.\n\nRules:\n- Geocode first.\n\nHow to write arguments of tools:\n- lat, lon: JSON numbers, e.g. 35.6, not "35.6" (coordinates)',
    });
  });

  it('gives a definition the same version wherever it stands, and another one after a change', () => {
    const versionOf = (text: string) => read(text).agents.find(({ name }) => name === 'a')?.version;
    const version = versionOf(`agents:\n${agent('a')}`);
    expect(
      versionOf(
        `agents:\n${agent('b')}\n  - {kind: model, instructions: Help., description: It helps., name: a}`,
      ),
    ).toBe(version);
    expect(versionOf(`agents:\n${agent('a', '    tools: []')}`)).not.toBe(version);
  });

  it.each([
    ['no agents', 'agents: []', 'agents.yaml, line 1: agents: Too small: expected array to have >=1 items'],
    [
      'an unknown field',
      `agents:\n${agent('a', '    tolls: []')}`,
      'agents.yaml, line 2: agents[0]: Unrecognized key: "tolls"',
    ],
    [
      'an unknown kind',
      'agents:\n  - name: a\n    kind: robot',
      "agents.yaml, line 3: agents[0].kind: Invalid discriminator value. Expected 'model' | 'workflow' | 'remote'",
    ],
    [
      'a wrong name',
      `agents:\n${agent('"a b"')}`,
      'agents.yaml, line 2: agents[0].name: must be 1 to 64 letters, digits, "_" and "-"',
    ],
    [
      'two of a name',
      `agents:\n${agent('a')}${agent('a')}`,
      'agents.yaml, line 6: agents[1].name: there are two agents named "a".',
    ],
    [
      'an unknown delegate',
      `agents:\n${agent('a', '    delegates: [b]')}`,
      'agents.yaml, line 6: agents[0].delegates[0]: there is no agent named "b".',
    ],
    [
      'an unknown default',
      `agents:\n${agent('a')}default: b`,
      'agents.yaml, line 6: default: there is no agent named "b".',
    ],
    [
      'a workflow of itself',
      'agents:\n  - {name: w, kind: workflow, description: d, strategy: parallel, agents: [v]}\n  - {name: v, kind: workflow, description: d, strategy: parallel, agents: [w]}',
      'agents.yaml, line 2: agents[0].name: "w" would start itself.',
    ],
    [
      'no lead',
      `agents:\n${agent('a')}  - {name: w, kind: workflow, description: d, strategy: hierarchical, agents: [a]}`,
      'agents.yaml, line 6: agents[1].lead: a hierarchical workflow needs one.',
    ],
    [
      'a model that is no reference',
      `agents:\n${agent('a', '    models: [gpt-5]')}`,
      'agents.yaml, line 6: agents[0].models[0]: must be provider:model, e.g. openai:gpt-5',
    ],
    [
      'a variable that is not set',
      "agents:\n  - {name: a, kind: remote, description: d, headers: {X: '${NO_SUCH_VARIABLE}'}}",
      'agents.yaml, line 2: agents[0].headers: the environment variable NO_SUCH_VARIABLE is not set.',
    ],
    [
      'a server without a model',
      'agents:\n  - {name: a, kind: remote, description: d, protocol: openai}',
      'agents.yaml, line 2: agents[0].model: protocol "openai" needs it.',
    ],
    [
      'a model that nobody asks for',
      'agents:\n  - {name: a, kind: remote, description: d, protocol: a2a, model: m}',
      'agents.yaml, line 2: agents[0].model: protocol "a2a" has none.',
    ],
    [
      'no YAML',
      'agents: [',
      'agents.yaml, line 1: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['the same key twice', 'agents: []\nagents: []', 'agents.yaml, line 2: Map keys must be unique'],
  ])('%s is a fault with line and field', (_what, text, fault) => {
    expect(faults(text)).toContain(fault);
  });

  it('that does not exist is a fault', () => {
    expect(() => readAgentsFile('/nowhere/agents.yaml')).toThrow(
      '/nowhere/agents.yaml: there is no such file.',
    );
  });
});
