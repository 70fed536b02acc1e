import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client, type Created } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';

// `npm run replay` as a process of its own, with logs of real runs.

const MAIN = path.join(import.meta.dirname, '../../dist/replay/main.js');
const EXPORT = path.join(import.meta.dirname, '../../dist/transfer/main.js');
const run = promisify(execFile);

const agents = (instructions: string, tools = 'list_files, write_file', more = ''): string => `
agents:
  - name: lead
    kind: model
    description: Answers.
    instructions: ${instructions}
    tools: [${tools}]
    delegates: [reader]
    ${more}
  - name: reader
    kind: model
    description: Reads.
    instructions: Read.
    tools: [list_files]
`;

let folder: string;
let model: ScriptedModel;
let app: TestApp;
let client: Client;
let sent: Created;
let log: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'reprise-replay-spec-'));
  model = await ScriptedModel.start();
  await writeFile(path.join(folder, 'agents.yaml'), agents('Answer.'));
  app = await startTestApp({ ...model.env, AGENTS_FILE: path.join(folder, 'agents.yaml') });
  client = new Client(app.url);
  sent = await client.send(await client.newChat(), 'Which files?');
  const first = await model.next();
  first
    .text('Let me look.')
    .toolCall('write_file', { path: 'a.md', content: 'A' }, 'write')
    .toolCall('task', { agent: 'reader', task: 'Look.' }, 'go')
    .finish();
  (await model.next()).toolCall('list_files', {}, 'look').finish();
  (await model.next()).text('One file.').finish();
  (await model.next()).text('There is one file.').finish();
  await client.ended(sent);
  log = path.join(folder, 'run.jsonl');
  await run(process.execPath, [EXPORT, 'export', '--message', sent.message_id, '--out', log], {
    env: { ...process.env, ...app.env },
  });
});
afterAll(async () => {
  await app.destroy();
  await model.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Played {
  code: number;
  out: string;
  err: string;
}

async function replay(args: string[], file = 'agents.yaml'): Promise<Played> {
  const env = { ...process.env, ...app.env, AGENTS_FILE: path.join(folder, file) };
  try {
    const { stdout, stderr } = await run(process.execPath, [MAIN, ...args], { env });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

const withAgents = async (name: string, text: string): Promise<string> => {
  await writeFile(path.join(folder, name), text);
  return name;
};

describe('a replay with what the model said then', () => {
  it('is the same if nothing has changed, agents that calls started included', async () => {
    const { code, out } = await replay([log, '--agent', 'lead']);
    expect(out).toMatch(/^Agent lead, version \w{12}, as in the log\.\n= turn 1 {2}"Let me look\."/);
    expect(out).toMatch(/= turn 1 of \S+ {2}list_files\(\{\}\)/);
    expect(out).toMatch(/The same in all 4 turns\.\n$/);
    expect(code).toBe(0);
  });

  it('reads the events alone, as the API gives them', async () => {
    const events = path.join(folder, 'events.json');
    await writeFile(events, JSON.stringify(await client.replay(sent.message_id)));
    expect(await replay([events, '--agent', 'lead'])).toMatchObject({ code: 0 });
  });

  it('says that the instructions have changed', async () => {
    const file = await withAgents('other.yaml', agents('Answer otherwise.'));
    const { code, out } = await replay([log, '--agent', 'lead'], file);
    expect(out).toMatch(/; in the log \w{12}: its definition has changed\./);
    expect(code).toBe(0);
  });

  it.each([
    [
      'a tool is gone',
      agents('Answer.', 'list_files'),
      /! write_file\(.*\) ended with unknown_tool, in the log with ok/,
    ],
    [
      'it may take fewer turns',
      agents('Answer.', 'list_files, write_file', 'limits: { max_steps: 1 }'),
      /≠ turn 2/,
    ],
  ])('departs if %s', async (_name, text, expected) => {
    const { code, out } = await replay([log, '--agent', 'lead'], await withAgents('limited.yaml', text));
    expect(out).toMatch(expected);
    expect(code).toBe(1);
  });
});

describe('a replay with the configured model', () => {
  it('shows where it departs first', async () => {
    const playing = replay([log, '--agent', 'lead', '--model', 'configured', '--json']);
    const first = await model.next();
    expect(first.question).toBe('Which files?');
    first.text('Let me look.').toolCall('write_file', { content: 'A', path: 'a.md' }, 'w').finish();
    const second = await model.next();
    expect(second.messages.at(-1)?.content).toMatch(/a\.md/); // what the tool answered then
    second.text('Something else.').finish();
    const { code, out } = await playing;
    expect(code).toBe(1);
    const report = JSON.parse(out) as { turns: { same: boolean; differs: string | null }[] };
    expect(report).toMatchObject({ same: false, not_recorded: [], ending: null });
    expect(report.turns.map(({ differs }) => differs)).toEqual(['calls', 'text', 'missing', 'missing']);
  });

  it('says which calls the log does not have', async () => {
    const playing = replay([log, '--agent', 'lead', '--model', 'configured']);
    (await model.next()).toolCall('write_file', { path: 'b.md', content: 'B' }).finish();
    (await model.next()).text('Done.').finish();
    const { code, out } = await playing;
    expect(out).toContain('! not in the log: write_file({"content":"B","path":"b.md"})');
    expect(code).toBe(1);
  });
});

describe('what cannot be replayed', () => {
  it.each([
    [
      'an agent that does not exist',
      ['--agent', 'nobody'],
      undefined,
      /There is no agent named "nobody"\. Available: lead, reader\./,
    ],
    ['a file that is no log', ['--agent', 'lead'], 'hello', /Line 1 is not valid JSON/],
    ['an empty file', ['--agent', 'lead'], '', /The file is empty/],
    [
      'a question that the export does not have',
      ['--agent', 'lead', '--message', 'x'],
      undefined,
      /no question "x"/,
    ],
    ['no agent', [], undefined, /--agent is missing/],
  ])('%s is said, with exit code 2', async (_name, args, content, expected) => {
    const file = content === undefined ? log : path.join(folder, 'bad.jsonl');
    if (content !== undefined) await writeFile(file, content);
    const { code, err } = await replay([file, ...args]);
    expect(err).toMatch(expected);
    expect(code).toBe(2);
  });
});
