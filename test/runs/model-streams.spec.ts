import { parseEvent, type StreamEvent } from '@reprise/protocol';
import fc from 'fast-check';
import { Types } from 'mongoose';
import { DEFAULT_TENANT } from '../../src/common/index.js';
import type { Ending } from '../../src/runs/record/ending.js';
import type { HeldRun } from '../../src/run-record/index.js';
import { RunStore } from '../../src/runs/record/run-store.js';
import { calls, choice, delta, DONE, raw, stop, text } from '../agent/model-streams/row.js';
import { setStage, type Stage } from '../conformance/setup.js';
import { startTestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import type { AskedMessage } from '../support/scripted-model.js';

// What model servers send, and what a client of the application sees of it.

let stage: Stage;
beforeAll(async () => {
  stage = await setStage({ MODEL_RETRIES: '0' });
});
afterAll(() => stage.close());

const shown = (events: readonly StreamEvent[], type: 'content' | 'rationale'): string =>
  events
    .map((event) => (event.type === type ? (event.type === 'content' ? event.md : event.text) : ''))
    .join('');

/** One run whose model sends these bytes. */
async function play(bytes: string): Promise<{ id: string; events: StreamEvent[]; asked: number }> {
  const { client, model } = stage;
  const before = model.asked;
  const sent = await client.send(await client.newChat(), 'Well?');
  (await model.next()).bytes(bytes).end();
  return { id: sent.message_id, events: await client.ended(sent), asked: model.asked - before };
}

const usage = (prompt_tokens: number, completion_tokens: number, total_tokens: number) => ({
  prompt_tokens,
  completion_tokens,
  total_tokens,
});
const NONE = usage(0, 0, 0);

describe('an answer', () => {
  it.each([
    [
      'with part of the usage',
      text('A') + stop() + raw({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } }) + DONE,
      usage(3, 2, 5),
    ],
    ['with an empty usage', text('A') + stop() + raw({ choices: [], usage: {} }) + DONE, NONE],
    [
      'with one number of the usage',
      text('A') + stop() + raw({ choices: [], usage: { prompt_tokens: 11, total_tokens: 11 } }) + DONE,
      usage(11, 0, 11),
    ],
    [
      'with usage that is no number',
      text('A') +
        stop() +
        raw({ choices: [], usage: { prompt_tokens: 'x', completion_tokens: [], total_tokens: {} } }) +
        DONE,
      NONE,
    ],
    [
      'with a usage chunk that has no choices',
      text('A') + stop() + raw({ id: 'x', usage: { prompt_tokens: 3, completion_tokens: 2 } }) + DONE,
      usage(3, 2, 5),
    ],
    ['with pings behind it', text('A') + stop() + raw({ type: 'ping' }) + 'data: null\n\n' + DONE, NONE],
    [
      "with Azure's filter behind it",
      text('A') +
        stop() +
        choice({ finish_reason: null, content_filter_results: {}, content_filter_offsets: {} }) +
        DONE,
      NONE,
    ],
    [
      'in parts',
      text([{ type: 'thinking', thinking: [{ type: 'text', text: 'T' }] }]) +
        text([{ type: 'text', text: 'A' }]) +
        stop() +
        DONE,
      NONE,
    ],
    ['as a refusal', delta({ refusal: 'A' }) + stop() + DONE, NONE],
    ['without a finish reason', text('A') + DONE, NONE],
    ['behind think tags', text('<think>T</think>A') + stop() + DONE, NONE],
  ])('%s is complete, and requested once', async (_name, bytes, used) => {
    const { id, events, asked } = await play(bytes);
    expect(shown(events, 'content')).toBe('A');
    expect(events.at(-1)).toMatchObject({ type: 'end', status: 'completed', usage: used });
    expect(await stage.client.message(id)).toMatchObject({ status: 'completed' });
    expect(asked).toBe(1);
  });

  it.each([
    ['error', 'model_stream_broken', true],
    ['abort', 'model_stream_broken', true],
    ['insufficient_system_resource', 'model_stream_broken', true],
    ['max_tokens', 'model_length_limit', false],
    ['SAFETY', 'content_filtered', false],
  ])('that ends with %s is incomplete', async (reason, code, retryable) => {
    const { events } = await play(text('half') + stop(reason) + DONE);
    expect(shown(events, 'content')).toBe('half');
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', code, retryable },
      { type: 'end', status: 'error' },
    ]);
  });

  it.each([
    [
      { code: 'context_length_exceeded', message: 'key sk-proj-abcdefghijklmnop123456' },
      'model_rejected',
      false,
    ],
    [{ code: 402, message: 'key sk-proj-abcdefghijklmnop123456' }, 'model_rejected', false],
    [{ code: 429, message: 'key sk-proj-abcdefghijklmnop123456' }, 'model_rate_limited', true],
    [{ code: 503, message: 'key sk-proj-abcdefghijklmnop123456' }, 'model_unavailable', true],
    [{ message: 'key sk-proj-abcdefghijklmnop123456' }, 'model_stream_broken', true],
  ])('in which the provider reports %j ends that way', async (error, code, retryable) => {
    const { events } = await play(text('half') + raw({ error }));
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', code, retryable },
      { type: 'end', status: 'error' },
    ]);
    expect(JSON.stringify(events)).not.toContain('abcdefghijklmnop');
  });
});

const fragment = (id: string, fields: object = {}) => ({
  index: 0,
  id,
  type: 'function',
  ...fields,
  function: {
    name: 'write_file',
    arguments: '{"path":"a.md","content":"A"}',
    ...('function' in fields ? (fields.function as object) : {}),
  },
});
const assistant = (messages: readonly AskedMessage[]) => messages.find(({ tool_calls }) => tool_calls);
const results = (messages: readonly AskedMessage[]) => messages.filter(({ role }) => role === 'tool');

describe('what a provider attaches to a call', () => {
  const signature = { google: { thought_signature: 'c2lnbmVk' } };
  const long = `call_${'s'.repeat(3000)}`;
  const bytes =
    delta({ reasoning_content: 'I write ' }) +
    delta({ reasoning_content: 'a file.' }) +
    delta({ reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'I ' }] }) +
    delta({ reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'write.', signature: 'x' }] }) +
    calls(fragment(long, { extra_content: signature, function: { provider_specific_fields: { s: 1 } } }));
  const whole = {
    reasoning_content: 'I write a file.',
    reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'I write.', signature: 'x' }],
    tool_calls: [
      {
        id: long,
        type: 'function',
        extra_content: signature,
        function: {
          name: 'write_file',
          arguments: '{"path":"a.md","content":"A"}',
          provider_specific_fields: { s: 1 },
        },
      },
    ],
  };

  it('is sent back with it: in the run, after a restart, and with later messages', async () => {
    const { model } = stage;
    const first = await startTestApp(model.env);
    const chat = await new Client(first.url).newChat();
    const sent = await new Client(first.url).send(chat, 'Write it.');
    (await model.next('Write it.')).bytes(bytes).end();
    const inRun = await model.next('Write it.');
    expect(assistant(inRun.messages)).toMatchObject(whole);
    expect(results(inRun.messages)).toMatchObject([{ tool_call_id: long }]);
    await first.stop();
    const second = await startTestApp(first.env);
    const client = new Client(second.url);
    const afterRestart = await model.next('Write it.');
    expect(assistant(afterRestart.messages)).toMatchObject(whole);
    expect(results(afterRestart.messages)).toMatchObject([{ tool_call_id: long }]);
    afterRestart.text('Written.').finish();
    const events = await client.ended(sent);
    const ids = events.flatMap((event) =>
      event.type === 'tool_start' || event.type === 'tool_end' ? [event.call_id] : [],
    );
    expect(ids).toEqual([expect.stringMatching(/^[a-z0-9]{9}$/), ids[0]]);
    const next = await client.send(chat, 'Thanks.');
    const later = await model.next('Thanks.');
    expect(assistant(later.messages)).toMatchObject(whole);
    expect(results(later.messages)).toMatchObject([{ tool_call_id: long }]);
    later.text('Welcome.').finish();
    await client.ended(next);
    await second.destroy();
  });

  it('is not sent to another model', async () => {
    const { model } = stage;
    const first = await startTestApp(model.env);
    const chat = await new Client(first.url).newChat();
    const sent = await new Client(first.url).send(chat, 'Write it.');
    (await model.next('Write it.')).bytes(bytes).end();
    (await model.next('Write it.')).text('Written.').finish();
    await new Client(first.url).ended(sent);
    await first.stop();
    const second = await startTestApp({ ...first.env, OPENAI_MODEL: 'other' });
    await new Client(second.url).send(chat, 'Thanks.');
    const { messages } = await model.next('Thanks.');
    expect(JSON.stringify(messages)).not.toMatch(/reasoning|extra_content|provider_specific/);
    const [id] = assistant(messages)?.tool_calls?.map((call) => call.id) ?? [];
    expect(id).toMatch(/^[a-z0-9]{9}$/);
    expect(results(messages)).toMatchObject([{ tool_call_id: id }]);
    await second.destroy();
  });

  it('can be the same id for two calls: they are distinguished', async () => {
    const { client, model } = stage;
    const sent = await client.send(await client.newChat(), 'Twice.');
    const other = { function: { arguments: '{"path":"b.md","content":"B"}' } };
    (await model.next('Twice.')).bytes(calls(fragment('same'), fragment('same', other))).end();
    const answer = await model.next('Twice.');
    const ids = assistant(answer.messages)?.tool_calls?.map(({ id }) => id) ?? [];
    expect(ids).toEqual(['same', expect.stringMatching(/^[a-z0-9]{9}$/)]);
    expect(results(answer.messages).map(({ tool_call_id }) => tool_call_id)).toEqual(ids);
    answer.text('Done.').finish();
    expect((await client.ended(sent)).at(-1)).toMatchObject({ status: 'completed', tool_calls: 2 });
  });
});

describe('whatever a model server sends', () => {
  const word = fc.constantFrom(
    'choices',
    'delta',
    'message',
    'content',
    'tool_calls',
    'function',
    'name',
    'arguments',
    'index',
    'id',
    'finish_reason',
    'usage',
    'error',
    'code',
    'type',
    'reasoning',
    'refusal',
    'text',
    '__proto__',
    'prompt_tokens',
  );
  const leaf = fc.oneof(
    fc.constantFrom('stop', 'A', '', 'write_file', '{}', '<think>'),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
  );
  const json = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { depthSize: 'medium' },
      leaf,
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(word, tie('any'), { maxKeys: 4 }),
      fc.record(
        {
          choices: fc.array(
            fc.record(
              { delta: tie('any'), finish_reason: tie('any'), index: tie('any') },
              { requiredKeys: [] },
            ),
            { maxLength: 2 },
          ),
          usage: tie('any'),
        },
        { requiredKeys: ['choices'] },
      ),
    ),
  })).any;

  it('every run ends, and shows nothing but text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(json, { maxLength: 6 }), fc.boolean(), async (chunks, isDone) => {
        const { client, model } = stage;
        const sent = await client.send(await client.newChat(), 'Well?');
        const ended = client.ended(sent);
        let over = false;
        void ended.then(() => (over = true));
        (await model.next()).bytes(chunks.map(raw).join('') + (isDone ? DONE : '')).end();
        // A call that it requested is answered by another turn.
        const rest = async (): Promise<void> => {
          while (!over) {
            const asked = model.pending.length > 0 ? await model.next() : undefined;
            asked?.text('B').finish();
            await new Promise((resolve) => setImmediate(resolve));
          }
        };
        await rest();
        const events = await ended;
        expect(events.map((event) => parseEvent(event).kind)).toEqual(events.map(() => 'event'));
        expect(JSON.stringify(events)).not.toContain('[object ');
        expect(events.at(-1)?.type).toBe('end');
        expect((await client.message(sent.message_id)).status).not.toBe('processing');
      }),
      { numRuns: 40 },
    );
  });
});

describe('an answer that the database will never accept', () => {
  it('is stored in part', async () => {
    const store = stage.app.nest.get(RunStore, { strict: false });
    const fields = {
      _id: new Types.ObjectId(),
      tenant_id: DEFAULT_TENANT,
      chat_id: 'none',
      agent: 'assistant',
    };
    const run = fields as unknown as HeldRun;
    const ending: Ending = { status: 'completed', usage: NONE, model: 'm', tool_calls: 0 };
    const answer = { content: 'x'.repeat(17_000_000), created_at: new Date(), ms: 1, ending };
    await store.saveAnswer(run, answer);
  });
});
