import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { SystemClock } from '../../src/common/index.js';
import { ModelCatalogue, ModelError, RemoteChatModels, type ModelDelta } from '../../src/models/index.js';
import { loadSettings } from '../../src/platform/config/index.js';
import { newRun, ScriptedModel, startWorld, type AgentWorld } from './support.js';
import { AgentRegistry } from '../../src/agent/catalogue/agent-registry.js';
import { AgentTools } from '../../src/agent/catalogue/agent-tools.js';
import { AgentVersions } from '../../src/agent/catalogue/agent-versions.js';
import { RemoteModel } from '../../src/agent/kinds/remote-model.js';
import { ScriptedModel as ChatCompletions } from '../support/scripted-model.js';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

let server: Server;
let answers: Answer[] = [];
const asked: { headers: IncomingMessage['headers']; body: unknown }[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      asked.push({ headers: request.headers, body: JSON.parse(Buffer.concat(pieces).toString()) });
      (answers.length > 1 ? answers.shift() : answers[0])?.(response, request);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked.length = 0;
});

const frame = (data: unknown, more = ''): string =>
  `${more}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** Sends these frames, then ends the response, or cuts the connection. */
const sends =
  (frames: string[], how: 'end' | 'cut' | 'hang' = 'end'): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frames.join(''), () => {
      if (how === 'end') response.end();
      else if (how === 'cut') response.destroy();
    });
  };
const refuses =
  (status: number): Answer =>
  (response) => {
    response.writeHead(status).end('no');
  };

async function ask(
  given: Answer[],
  { signal = new AbortController().signal, timeoutMs = 5000, continues = false } = {},
): Promise<{ deltas: ModelDelta[]; text: string; error: unknown }> {
  answers = given;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/run`;
  const spec = {
    kind: 'remote',
    name: 'far',
    description: 'd',
    protocol: 'sse',
    headers: { 'X-Key': 'k' },
  } as const;
  const about = { session_id: 's', message_id: 'm', tenant_id: 't', project_id: 'p' };
  const model = new RemoteModel(spec, { url, timeoutMs, headers: spec.headers }, about);
  const deltas: ModelDelta[] = [];
  let error: unknown;
  try {
    const messages = [
      { role: 'user' as const, content: 'Earlier' },
      { role: 'assistant' as const, content: 'Answer' },
      { role: 'user' as const, content: 'Now?' },
      ...(continues
        ? [
            { role: 'assistant' as const, content: 'half' },
            { role: 'user' as const, content: 'Go on.', continues: true as const },
          ]
        : []),
    ];
    for await (const delta of model.stream({ messages, tools: [] }, signal)) deltas.push(delta);
  } catch (caught) {
    error = caught;
  }
  return { deltas, text: deltas.map((delta) => (delta.type === 'text' ? delta.text : '')).join(''), error };
}

const end = frame({
  type: 'end',
  status: 'completed',
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
});

describe('a remote agent', () => {
  it('is told the question, the session and the conversation', async () => {
    await ask([sends([frame({ content: 'Hi' }), frame('[DONE]')])]);
    expect(asked).toMatchObject([
      {
        headers: { accept: 'text/event-stream', 'x-key': 'k' },
        body: {
          message: 'Now?',
          session_id: 's',
          message_id: 'm',
          tenant_id: 't',
          project_id: 'p',
          history: [
            { role: 'user', content: 'Earlier' },
            { role: 'assistant', content: 'Answer' },
          ],
        },
      },
    ]);
  });

  it.each<[string, string[], Partial<ModelDelta>[]]>([
    [
      'plain content',
      [frame({ content: 'A' }), frame({ content: 'B' }), frame('[DONE]')],
      [
        { type: 'text', text: 'A' },
        { type: 'text', text: 'B' },
      ],
    ],
    [
      'events of version 1',
      [
        frame({ type: 'start', agent: 'x' }),
        frame({ type: 'rationale', text: 'Hm' }),
        frame({ type: 'status', text: 'Looking' }),
        frame({ type: 'tool_start', call_id: '1', name: 'find', args_summary: '' }),
        frame({ type: 'tool_end', call_id: '1', name: 'find', status: 'ok', ms: 1, result_summary: 'x' }),
        frame({ type: 'content', md: 'C' }),
        end,
      ],
      [
        { type: 'reasoning', text: 'Hm' },
        { type: 'status', text: 'Looking' },
        { type: 'event', body: { type: 'tool_start', call_id: '1', name: 'find', args_summary: '' } },
        {
          type: 'event',
          body: { type: 'tool_end', call_id: '1', name: 'find', status: 'ok', ms: 1, result_summary: 'x' },
        },
        { type: 'text', text: 'C' },
        { type: 'usage', usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
      ],
    ],
    [
      'names of events',
      [frame({ md: 'D' }, 'event: content\n'), frame({ status: 'completed' }, 'event: end\n')],
      [{ type: 'text', text: 'D' }],
    ],
    [
      'what nobody knows',
      [
        frame({ type: 'weather', sun: true }),
        frame('hello'),
        frame({ type: 'plan', items: 'none' }),
        frame({ content: 'E' }),
        end,
      ],
      [{ type: 'text', text: 'E' }, { type: 'usage' }],
    ],
  ])('is understood: %s', async (_what, frames, deltas) => {
    const heard = await ask([sends(frames)]);
    expect(heard.error).toBeUndefined();
    expect(heard.deltas).toMatchObject([...deltas, { type: 'finish', reason: 'stop' }]);
  });

  it.each<[string, Answer[], string, Partial<ModelError['options']>]>([
    [
      'ends without an end',
      [sends([frame({ content: 'A' })])],
      'remote_incomplete',
      { retryable: true, final: true },
    ],
    [
      'is cut in its answer',
      [sends([frame({ content: 'A' })], 'cut')],
      'remote_incomplete',
      { retryable: true, final: true },
    ],
    ['says nothing', [sends([])], 'remote_unavailable', { retryable: true }],
    ['is overloaded', [refuses(503)], 'remote_unavailable', { retryable: true }],
    ['refuses', [refuses(401)], 'remote_rejected', { retryable: false }],
    [
      'reports a failure',
      [sends([frame({ type: 'error', error: 'no data', code: 'no_data', retryable: true })])],
      'no_data',
      { retryable: true, final: true },
    ],
    [
      'ends with an error',
      [sends([frame({ content: 'A' }), frame({ type: 'end', status: 'error' })])],
      'remote_failed',
      { retryable: false },
    ],
  ])('that %s: the error says what may be done', async (_what, given, code, options) => {
    const { error } = await ask(given);
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ code, options });
  });

  it('is not asked again for an answer that an earlier worker has begun', async () => {
    const { error } = await ask([sends([end])], { continues: true });
    expect(error).toMatchObject({ code: 'remote_incomplete' });
    expect(asked).toHaveLength(0);
  });

  it('that is silent for too long is given up', async () => {
    const { error } = await ask([sends([], 'hang')], { timeoutMs: 50 });
    expect(error).toMatchObject({ code: 'remote_unavailable', message: expect.stringContaining('in time') });
  });

  it('is resumed behind its last event id, as often as it takes', async () => {
    const { text, error } = await ask([
      sends([frame({ content: 'one ' }, 'id: 1\n'), frame({ content: 'two ' }, 'id: 2\n')], 'cut'),
      sends([frame({ content: 'three' }, 'id: 3\n'), end]),
    ]);
    expect(error).toBeUndefined();
    expect(text).toBe('one two three');
    expect(asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2']);
  });

  it('ends with the run', async () => {
    const stop = new AbortController();
    const gone = new Promise<void>((resolve) => {
      answers = [];
      void ask(
        [
          (response) => {
            sends([frame({ content: 'A' })], 'hang')(response, undefined as never);
            response.on('close', resolve);
            stop.abort(new Error('cancelled'));
          },
        ],
        { signal: stop.signal },
      ).then(({ error }) => {
        expect(error).toMatchObject({ message: 'cancelled' });
      });
    });
    await gone;
  });
});

describe('the run of a remote agent', () => {
  let world: AgentWorld;
  let folder: string;
  beforeAll(async () => {
    world = await startWorld();
    folder = mkdtempSync(path.join(os.tmpdir(), 'remote-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await world.close();
  });

  function agent() {
    const file = path.join(folder, 'agents.yaml');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/run`;
    writeFileSync(file, `agents: [{name: far, kind: remote, description: d, url: '${url}'}]`);
    const { context } = world;
    const settings = loadSettings({ AGENTS_FILE: file });
    const agents = new AgentRegistry(
      settings,
      context.get(AgentTools),
      context.get(AgentVersions),
      context.get(ModelCatalogue),
    );
    return world.agent(new ScriptedModel(), { agents });
  }

  const tool = (type: 'tool_start' | 'tool_end') =>
    frame({ type, call_id: '1', name: 'find', ...(type === 'tool_end' ? ENDED : { args_summary: '' }) });
  const ENDED = { status: 'ok', ms: 1, result_summary: 'x' };

  it('shows what it does by itself, with ids of the run, however often it uses one', async () => {
    answers = [
      sends([
        tool('tool_start'),
        tool('tool_end'),
        tool('tool_start'),
        tool('tool_end'),
        frame({ md: 'Hi' }, 'event: content\n'),
        end,
      ]),
    ];
    const run = newRun({ agent: 'far' });
    const outcome = await agent().run(run);
    expect(outcome).toMatchObject({ status: 'completed', text: 'Hi', model: 'remote:far', tool_calls: 2 });
    const [first, second] = run.sink.of('tool_start').map(({ call_id }) => call_id);
    expect(first).not.toBe(second);
    expect(run.sink.of('tool_end').map(({ call_id }) => call_id)).toEqual([first, second]);
    expect(run.usage.total.total_tokens).toBe(3);
  });

  it('asks again while nothing has come, and never after that', async () => {
    answers = [refuses(503), sends([frame({ content: 'Half' })], 'cut')];
    const run = newRun({ agent: 'far' });
    const outcome = await agent().run(run);
    expect(outcome).toMatchObject({
      status: 'error',
      text: 'Half',
      error: { code: 'remote_incomplete', retryable: true },
    });
    expect(run.sink.of('status')).toHaveLength(1); // one wait, before anything had come
    expect(asked).toHaveLength(2);
  });

  it('is not asked again by another worker, either', async () => {
    answers = [sends([frame({ content: 'Half' })], 'cut')];
    const first = newRun({ agent: 'far' });
    await agent().run(first);
    const again = { ...first, prior: first.sink.asLog(first) };
    const outcome = await agent().run(again);
    expect(outcome).toMatchObject({ status: 'error', text: 'Half', error: { code: 'remote_incomplete' } });
    expect(asked).toHaveLength(1);
  });
});

describe('a remote agent behind the Chat Completions API', () => {
  it('is sent the conversation and its own headers, not the key of the deployment', async () => {
    const far = await ChatCompletions.start();
    const settings = loadSettings({ OPENAI_API_KEY: 'ours', OPENAI_MODEL: 'ours' });
    const models = new RemoteChatModels(settings, new SystemClock());
    const headers = { authorization: 'Bearer theirs', 'x-team': 'legal' };
    const url = far.env['OPENAI_BASE_URL'] ?? '';
    const remote = { ref: 'remote:legal', model: 'contracts', url, headers, timeoutMs: 5000 };
    const model = models.model(remote);
    const messages = [{ role: 'user' as const, content: 'May we?' }];
    const deltas = model.stream({ messages, tools: [] }, new AbortController().signal);
    const heard = (async () => {
      let text = '';
      for await (const delta of deltas) if (delta.type === 'text') text += delta.text;
      return text;
    })();
    const request = await far.next('May we?');
    request.text('We may.').finish();
    expect(await heard).toBe('We may.');
    expect(request.headers).toMatchObject(headers);
    expect(request.body).toMatchObject({ model: 'contracts' });
    expect(model.ref).toBe('remote:legal');
    expect(models.model({ ...remote })).toBe(model);
    await far.stop();
  });

  it('that refuses is said to, without naming settings of ours', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    answers = [refuses(401)];
    const models = new RemoteChatModels(loadSettings({}), new SystemClock());
    const remote = {
      ref: 'remote:far',
      model: 'm',
      url,
      headers: { authorization: 'Bearer x' },
      timeoutMs: 5000,
    };
    const messages = [{ role: 'user' as const, content: 'Now?' }];
    const read = async (): Promise<void> => {
      for await (const _ of models.model(remote).stream({ messages, tools: [] }, AbortSignal.timeout(5000)));
    };
    const error = await read().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ModelError);
    expect((error as Error).message).toContain('headers of the agent');
    expect((error as Error).message).not.toMatch(/OPENAI_/);
  });
});
