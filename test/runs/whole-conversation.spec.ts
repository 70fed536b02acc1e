import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { StreamEvent } from '@reprise/protocol';
import { cleanUp as cleanUpMcp, EVERYTHING, serversFile } from '../mcp/support.js';
import { answerOf, Client } from '../support/client.js';
import { callingMessage, message, sends, textBlock, toolBlock } from '../support/messages-api.js';
import { frame, Provider, stream, type Answer } from '../support/provider.js';
import { cleanUpServers, ServerProcess } from '../support/server-process.js';
import { SseReader, eventsIn } from '../support/sse.js';
import { until } from '../support/until.js';

// Everything in one conversation: two providers behind their official clients, an MCP server, parallel calls, a delegate,
// an approval that outlives the server, and a provider that fails in the middle of a sentence.

const AGENTS = `
agents:
  - name: chief
    kind: model
    description: Answers, with help.
    instructions: You direct.
    models: [openai:big, anthropic:calm]
    tools: [every__echo, every__get-sum, write_file]
    approvals: [write_file]
    delegates: [helper]
  - name: helper
    kind: model
    description: Adds numbers.
    instructions: You add.
    models: [anthropic:calm]
    tools: [every__get-sum]
`;

let folder: string;
let openai: Provider;
let anthropic: Provider;
let server: ServerProcess;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'whole-'));
  await writeFile(path.join(folder, 'agents.yaml'), AGENTS);
  openai = await Provider.start(asksForFour, breaksOff);
  anthropic = await Provider.start(
    sends(callingMessage(toolBlock(0, 'toolu_1', 'every__get-sum', '{"a": 20,', ' "b": 22}'))),
    sends(message(textBlock(0, 'It is ', '42.'))),
    sends(message(textBlock(0, ' written', ' down.'))),
  );
  server = await ServerProcess.start({
    env: {
      AGENTS_FILE: path.join(folder, 'agents.yaml'),
      MCP_SERVERS_FILE: await serversFile({
        every: { command: process.execPath, args: [EVERYTHING, 'stdio'], trust: ['*'] },
      }),
      OPENAI_API_KEY: 'k',
      OPENAI_BASE_URL: `http://127.0.0.1:${openai.port}/v1`,
      ANTHROPIC_API_KEY: 'k',
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${anthropic.port}`,
      MODEL_RETRIES: '0',
      RUN_LEASE_MS: '2000',
    },
  });
}, 60_000);
afterAll(async () => {
  await cleanUpServers();
  await cleanUpMcp();
  await openai.stop();
  await anthropic.stop();
  await rm(folder, { recursive: true });
});

const call = (index: number, id: string, name: string, args: object) => ({
  index,
  id,
  type: 'function',
  function: { name, arguments: JSON.stringify(args) },
});

const asksForFour: Answer = (_request, response) => {
  const tool_calls = [
    call(0, 'call_echo', 'every__echo', { message: 'hi' }),
    call(1, 'call_sum', 'every__get-sum', { a: 1, b: 2 }),
    call(2, 'call_task', 'task', { agent: 'helper', task: 'Add 20 and 22' }),
    call(3, 'call_file', 'write_file', { path: 'note.md', content: 'draft' }),
  ];
  stream(response).end(
    `${frame({ reasoning_content: 'Four things at once.' })}${frame({ content: 'I begin.' })}${frame({ tool_calls })}${frame({}, 'tool_calls')}data: [DONE]\n\n`,
  );
};

/** The first half of a sentence, then the connection is gone. */
const breaksOff: Answer = (_request, response) => {
  stream(response).write(frame({ content: 'The sum is 42, and it is' }), () => response.destroy());
};

async function readUntil(url: string, wanted: (event: StreamEvent) => boolean): Promise<SseReader> {
  const reader = await SseReader.open(url);
  await reader.until('the run waits', wanted);
  return reader;
}

it('is one coherent log', async () => {
  const client = new Client(server.url);
  const sent = await client.send(await client.newChat(), 'Add 20 and 22, and write it down.', {
    agent: 'chief',
  });
  const waiting = await readUntil(server.url + sent.stream_url, ({ type }) => type === 'approval_required');
  await until('the run rests', async () => (await client.message(sent.message_id)).status === 'waiting');
  const seen = eventsIn(waiting.frames);
  await waiting.close();
  await server.kill9();
  await server.restart();
  const again = new Client(server.url);
  const approval = await again.post(`/api/messages/${sent.message_id}/approvals/call_file`, {
    decision: 'approve',
    arguments: { path: 'note.md', content: '20 + 22 = 42' },
  });
  expect(approval.status).toBe(200);
  const events = await again.ended(sent);
  expect(events.slice(0, seen.length)).toEqual(seen);
  expect(events.map((_, seq) => seq)).toEqual(events.map(({ id }) => Number(id.split('_')[1])));
  expect(answerOf(events)).toBe('I begin.\n\nThe sum is 42, and it is written down.');
  expect(events.at(-1)).toMatchObject({ type: 'end', status: 'completed', model: 'calm', tool_calls: 5 });
  const results = Object.fromEntries(
    events.flatMap((event) => (event.type === 'tool_end' ? [[event.call_id, event.result]] : [])),
  );
  expect(results).toMatchObject({
    call_echo: 'Echo: hi',
    call_sum: 'The sum of 1 and 2 is 3.',
    toolu_1: 'The sum of 20 and 22 is 42.',
    call_task: 'It is 42.',
  });
  const child = events.filter((event) => 'parent_call_id' in event && event.parent_call_id === 'call_task');
  expect([...new Set(child.map(({ type }) => type))]).toEqual(['tool_start', 'tool_end', 'child_content']);
  expect(events.find(({ type }) => type === 'approval_resolved')).toMatchObject({
    call_id: 'call_file',
    decision: 'approve',
    args: { content: '20 + 22 = 42' },
  });
  expect(anthropic.asked.at(-1)?.body.messages.at(-1)).toMatchObject({ role: 'user' });
  const ids = events.flatMap((event) => (event.type === 'tool_start' ? [event.call_id] : []));
  expect(new Set(ids).size).toBe(ids.length);
  if (process.env['SHOW_LOG'])
    for (const event of events) {
      const { v: _v, id, ts: _ts, message_id: _m, chat_id: _c, ...rest } = event;
      process.stdout.write(`${id.split('_')[1] ?? ''} ${JSON.stringify(rest)}\n`);
    }
}, 90_000);
