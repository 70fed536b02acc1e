import type { StreamEvent } from '@reprise/protocol';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import request from 'supertest';
import { setStage, type Stage } from '../conformance/setup.js';
import { answerOf } from '../support/client.js';
import { cleanUp, EVERYTHING, newFolder, own, serversFile } from './support.js';

// A run whose model calls tools of an MCP server; everything is read back over HTTP.

let stage: Stage;
let state: string;

beforeAll(async () => {
  state = path.join(await newFolder(), 'state');
  const file = await serversFile({
    every: { command: process.execPath, args: [EVERYTHING, 'stdio'] },
    bad: { command: process.execPath, args: [own('stdio.mjs')], env: { STATE: state } },
    gone: { command: '/nonexistent/program' },
  });
  stage = await setStage({ MCP_SERVERS_FILE: file });
});
afterAll(async () => {
  await stage.close();
  await cleanUp();
});

/** How often the server has noted a word. */
async function noted(word: string): Promise<number> {
  const lines = (await readFile(state, 'utf8')).split('\n');
  return lines.filter((line) => line === word).length;
}

const api = () => request(stage.app.url);

it('calls them like its own', async () => {
  const { client, model } = stage;
  const sent = await client.send(await client.newChat(), 'What is 2 + 40?');
  const first = await model.next('What is 2 + 40?');
  first
    .toolCall('every__get-sum', { a: 2, b: 40 }, 'sum_1')
    .toolCall('every__echo', { message: 'hi' }, 'echo_1')
    .toolCall('every__get-sum', { a: 'two' }, 'sum_2')
    .toolCall('every__trigger-long-running-operation', { duration: 0.2, steps: 2 }, 'long_1')
    .finish();
  const second = await model.next('What is 2 + 40?');
  const told = second.messages.filter(({ role }) => role === 'tool');
  expect(told.map(({ tool_call_id, content }) => [tool_call_id, content])).toEqual([
    ['sum_1', 'The sum of 2 and 40 is 42.'],
    ['echo_1', 'Echo: hi'],
    ['sum_2', expect.stringMatching(/^Error: .*expected number/is)],
    ['long_1', expect.stringContaining('completed')],
  ]);
  second.text('It is 42.').finish();
  const events = await client.ended(sent);
  expect(answerOf(events)).toBe('It is 42.');
  const stored = (await api().get(`/api/messages/${sent.message_id}/events`)).body as StreamEvent[];
  expect(stored.filter(({ type }) => type === 'tool_start')).toHaveLength(4);
  expect(stored.find((event) => event.type === 'tool_end' && event.call_id === 'sum_1')).toMatchObject({
    name: 'every__get-sum',
    status: 'ok',
    result_summary: 'The sum of 2 and 40 is 42.',
  });
  expect(stored).toContainEqual(
    expect.objectContaining({ type: 'status', text: expect.stringMatching(/: 1 of 2$/) }),
  );
});

it('waits for a person where the tool needs one, and runs what the person has changed', async () => {
  const { client, model } = stage;
  const sent = await client.send(await client.newChat(), 'Who knows?');
  const first = await model.next('Who knows?');
  first.toolCall('bad__unannotated', { text: 'first' }, 'ask_1').finish();
  const reader = await client.stream(sent);
  await reader.until('it waits', (event) => event.type === 'approval_required');
  expect(await noted('unannotated')).toBe(0);
  const decided = await client.post(`/api/messages/${sent.message_id}/approvals/ask_1`, {
    decision: 'approve',
    arguments: { text: 'edited' },
  });
  expect(decided.status).toBe(200);
  const second = await model.next('Who knows?');
  expect(second.messages.at(-1)).toMatchObject({ role: 'tool', content: 'who knows edited' });
  second.text('Nobody.').finish();
  const events = await client.ended(sent);
  const types = events.map(({ type }) => type).filter((type) => /approval|tool/.test(type));
  expect(types).toEqual(['approval_required', 'approval_resolved', 'tool_start', 'tool_end']);
  expect(await noted('unannotated')).toBe(1);
});

it('offers them to the assistant', async () => {
  const { body } = await api().get('/api/agents');
  expect(body[0].tools).toEqual(expect.arrayContaining(['every__echo', 'search_tender_corpus']));
});

it('lists them with their server', async () => {
  const { body } = await api().get('/api/tools');
  expect(body).toContainEqual(
    expect.objectContaining({ name: 'every__echo', source: 'every', label: 'Echo Tool', approval: false }),
  );
});

it('reports each server in /health, degraded by one that is not there', async () => {
  const { status, body } = await api().get('/health');
  expect([status, body.status]).toEqual([200, 'degraded']);
  expect(body.details.mcp).toEqual({
    status: 'degraded',
    reason: 'Not connected: gone.',
    servers: {
      bad: expect.objectContaining({ status: 'connected' }),
      every: { status: 'connected', required: false, tools: 12, faults: [expect.any(String)] },
      gone: {
        status: 'unavailable',
        required: false,
        tools: 0,
        reason: expect.stringMatching(/nonexistent\/program.*ENOENT/),
      },
    },
  });
});
