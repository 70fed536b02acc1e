import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ModelError } from '../../src/models/index.js';
import { OpenAiModel } from '../../src/models/openai/openai-model.js';
import { SystemClock } from '../../src/common/index.js';
import { loadSettings } from '../../src/platform/config/index.js';
import { CALL_ROWS } from './model-streams/calls.js';
import { FINISH_ROWS, KEEPALIVE_ROWS } from './model-streams/ends.js';
import { ERROR_ROWS, LATE_ERROR_ROWS } from './model-streams/errors.js';
import { FRAMING_ROWS } from './model-streams/framing.js';
import type { Outcome, Row } from './model-streams/row.js';
import { TEXT_ROWS } from './model-streams/texts.js';
import { USAGE_ROWS } from './model-streams/usage.js';

// Bytes as model servers have been seen to send them, over HTTP, through the client that requests them.

const TOOLS = ['write_file', 'list', 'list_files'].map((name) => ({ name, description: '', parameters: {} }));

let server: Server;
let model: OpenAiModel;
let answer: { body: string; type: string; perByte: boolean };

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': answer.type });
      const bytes = Buffer.from(answer.body);
      if (answer.perByte) for (const byte of bytes) response.write(Buffer.of(byte));
      response.end(answer.perByte ? undefined : bytes);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  model = new OpenAiModel(
    loadSettings({ OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` }),
    new SystemClock(),
  );
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function read({ body, type = 'text/event-stream' }: Row, perByte = false): Promise<Outcome> {
  answer = { body, type, perByte };
  const outcome: Outcome = { text: '', thought: '', calls: [], usage: undefined, end: '' };
  try {
    const request = { messages: [{ role: 'user' as const, content: 'Hi' }], tools: TOOLS };
    for await (const delta of model.stream(request, new AbortController().signal)) {
      if (delta.type === 'text') outcome.text += delta.text;
      if (delta.type === 'reasoning') outcome.thought += delta.text;
      if (delta.type === 'tool_call')
        outcome.calls.push({ name: delta.call.name, args: delta.call.arguments });
      if (delta.type === 'finish') outcome.end = delta.reason;
      if (delta.type !== 'usage') continue;
      const { prompt_tokens, completion_tokens, total_tokens } = delta.usage;
      outcome.usage = [prompt_tokens, completion_tokens, total_tokens];
    }
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    outcome.end = error.code;
    outcome.error = error.message;
  }
  return outcome;
}

describe.each([
  ['tool calls', CALL_ROWS],
  ['texts', TEXT_ROWS],
  ['usage', USAGE_ROWS],
  ['what says nothing', KEEPALIVE_ROWS],
  ['finish reasons', FINISH_ROWS],
  ['framing', FRAMING_ROWS],
  ['errors', ERROR_ROWS],
  ['errors behind the end', LATE_ERROR_ROWS],
])('%s', (_kind, rows) => {
  it.each(rows.map((row): [string, Row] => [row.name, row]))('%s', async (_name, row) => {
    expect(await read(row)).toMatchObject(row.want);
    if (row.body.length < 2000) expect(await read(row, true)).toMatchObject(row.want);
  });
});
