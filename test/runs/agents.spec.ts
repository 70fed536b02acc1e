import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { StreamEvent } from '@reprise/protocol';
import request from 'supertest';
import { cleanUpServers, ServerProcess } from '../support/server-process.js';
import { SseReader, eventsIn } from '../support/sse.js';
import { until } from '../support/until.js';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'agents-file-'));
  file = path.join(folder, 'agents.yaml');
});
afterAll(async () => {
  await cleanUpServers();
  await rm(folder, { recursive: true });
});

const agents = (...entries: string[]): string =>
  `agents:\n${entries.map((entry) => `  - {${entry}}\n`).join('')}`;
const model = (name: string, instructions: string) =>
  `name: ${name}, kind: model, description: It answers., instructions: ${instructions}`;
const TEAM = 'name: team, kind: workflow, description: Both., strategy: sequential, agents: [first, second]';

async function ask(
  server: ServerProcess,
  body: object,
): Promise<{ events: StreamEvent[]; message_id: string }> {
  const { body: chat } = await request(server.url).post('/api/users/u1/chats').expect(201);
  const { body: created } = await request(server.url)
    .post(`/api/chats/${String(chat.chat_id)}/messages`)
    .send({ content: 'hello', ...body })
    .expect(201);
  const reader = await SseReader.open(server.url + String(created.stream_url));
  await reader.ended;
  return { events: eventsIn(reader.frames), message_id: String(created.message_id) };
}

describe('a deployment with a file of agents', () => {
  it('does not start with a wrong one, and says what is wrong and where', async () => {
    await writeFile(file, agents(`${model('first', 'Help.')}, tools: [no_such_tool]`));
    const server = await ServerProcess.prepare({ env: { AGENTS_FILE: file } });
    await expect(server.restart()).rejects.toThrow();
    expect(server.output).toContain('The agent "first" names a tool that does not exist: "no_such_tool".');
    await writeFile(file, agents('name: first, kind: model, description: It answers.'));
    await expect(server.restart()).rejects.toThrow();
    expect(server.output).toContain(`${file}, line 2: agents[0].instructions: `);
  });

  it('runs its agents, alone, as a workflow of the file, and as one that a message describes', async () => {
    await writeFile(file, agents(model('first', 'Help.'), model('second', 'Help once more.'), TEAM));
    const server = await ServerProcess.start({ env: { AGENTS_FILE: file } });
    const { body: list } = await request(server.url).get('/api/agents').expect(200);
    expect(list).toMatchObject([
      { name: 'first', kind: 'model', default: true },
      { name: 'second', kind: 'model', default: false },
      { name: 'team', kind: 'workflow', strategy: 'sequential', agents: ['first', 'second'] },
    ]);
    const alone = await ask(server, {});
    const [first] = list as { version: string }[];
    expect(alone.events[0]).toMatchObject({ type: 'start', agent: 'first', agent_version: first?.version });
    for (const body of [
      { agent: 'team' },
      { workflow: { strategy: 'sequential', agents: ['first', 'second'] } },
    ]) {
      const { events, message_id } = await ask(server, body);
      expect(events.at(-1)).toMatchObject({ type: 'end', status: 'completed' });
      const calls = events
        .filter((event) => event.type === 'tool_start')
        .filter(({ parent_call_id }) => parent_call_id === undefined);
      expect(calls.map(({ name, args }) => [name, args])).toMatchObject([
        ['task', { agent: 'first', task: 'hello' }],
        ['task', { agent: 'second' }],
      ]);
      expect(events.some((event) => event.type === 'child_content')).toBe(true);
      const { body: again } = await request(server.url).post(`/api/messages/${message_id}/retry`).expect(201);
      const reader = await SseReader.open(server.url + String(again.stream_url));
      await reader.ended;
      expect(eventsIn(reader.frames).at(-1)).toMatchObject({ status: 'completed' });
    }
    await request(server.url)
      .post(`/api/chats/${String(alone.events[0]?.chat_id)}/messages`)
      .send({ content: 'x', workflow: { strategy: 'sequential', agents: ['nobody'] } })
      .expect(400)
      .expect(({ body }) => {
        expect(body).toMatchObject({ code: 'unknown_agent' });
      });
    await server.terminate();
  });

  it('reads it again on SIGHUP; a wrong file changes nothing', async () => {
    await writeFile(file, agents(model('first', 'Help.')));
    const server = await ServerProcess.start({ env: { AGENTS_FILE: file, LOG_LEVEL: 'info' } });
    const before = (await ask(server, {})).events[0];
    await writeFile(file, agents(model('first', 'Help more.'), model('second', 'Help.')));
    process.kill(server.pid, 'SIGHUP');
    await until('the agents are read again', () => server.output.includes('new or changed: first, second'));
    const after = (await ask(server, { agent: 'second' })).events[0];
    expect(after).toMatchObject({ agent: 'second' });
    const changed = (await ask(server, {})).events[0];
    expect(changed).toMatchObject({ agent: 'first' });
    expect(changed).not.toMatchObject({ agent_version: (before as StreamEvent<'start'>).agent_version });
    await writeFile(file, agents('name: first'));
    process.kill(server.pid, 'SIGHUP');
    await until('the fault is reported', () => server.output.includes('the agents stay as they were.'));
    await ask(server, { agent: 'second' });
    await server.terminate();
  });
});
