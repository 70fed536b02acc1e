import type { StreamEvent } from '@reprise/protocol';
import { NEVER } from '../support/llama/habits.js';
import { ask, LIMIT_MS, ofType, setup, tearDown } from './setup.js';

afterEach(tearDown);

describe('an answer of llama-server', () => {
  it(
    'is streamed as it is written, and its tokens are counted',
    async () => {
      const { client } = await setup({ habits: { call: NEVER, end: -1 } });

      const { messageId, events, end, text } = await ask(client, await client.newChat());

      expect(end).toMatchObject({ status: 'completed', model: 'tiny', tool_calls: 0 });
      expect(ofType(events, 'content').length).toBeGreaterThan(1);
      expect(ofType(events, 'status')).toEqual([]); // asked once
      // A token of this model is a byte, and the end of the turn is one more.
      expect(end.usage.completion_tokens).toBe(Buffer.byteLength(text) + 1);
      expect(end.usage.prompt_tokens).toBeGreaterThan(0);
      expect(end.usage.total_tokens).toBe(end.usage.prompt_tokens + end.usage.completion_tokens);
      expect((await client.message(messageId)).run.usage).toEqual(end.usage);
    },
    LIMIT_MS,
  );

  it(
    'starts with its thought, which is not part of the answer',
    async () => {
      const { client } = await setup({ thinking: true, habits: { call: NEVER } });

      const { events, text } = await ask(client, await client.newChat());

      // This model thinks in upper case.
      const thoughts = ofType(events, 'rationale').map((event) => event.text);
      expect(thoughts.join('')).toMatch(/^[A-Z-]+$/);
      expect(text).not.toBe('');
      expect(text).not.toMatch(/[A-Z]|think/);
    },
    LIMIT_MS,
  );

  it(
    "is part of the chat's next request",
    async () => {
      const { client } = await setup({ habits: { call: NEVER } });
      const chatId = await client.newChat();

      const first = await ask(client, chatId);
      const second = await ask(client, chatId);

      const more = second.end.usage.prompt_tokens - first.end.usage.prompt_tokens;
      expect(more).toBeGreaterThanOrEqual(Buffer.byteLength(first.text));
    },
    LIMIT_MS,
  );

  it(
    'that is cut off by its length is an error that says so, and no half-written call is run',
    async () => {
      const { client } = await setup({ longest: 60, habits: { end: NEVER, call: 6 } });

      const { events, end, code } = await ask(client, await client.newChat());

      expect(code).toBe('model_length_limit');
      expect(ofType(events, 'tool_start')).toHaveLength(end.tool_calls);
    },
    LIMIT_MS,
  );
});

describe('tool calls of llama-server', () => {
  const WANTED_CALLS = 6;
  const MOST_RUNS = 30;

  it(
    'call existing tools, with valid arguments, and the run continues after them',
    async () => {
      const { client } = await setup({ thinking: true, habits: { end: 1, call: 1, endOfThought: 2 } });
      const seen: StreamEvent[] = [];
      for (let runs = 0; runs < MOST_RUNS && ofType(seen, 'tool_end').length < WANTED_CALLS; runs++) {
        const { messageId, events, end } = await ask(client, await client.newChat());
        expect(end.status).toBe('completed');
        const calls = await client.get(`/api/messages/${messageId}/tool-calls`);
        expect(calls.body).toHaveLength(end.tool_calls);
        expect(callIds(events, 'tool_end')).toEqual(callIds(events, 'tool_start'));
        seen.push(...events);
      }

      const made = ofType(seen, 'tool_end');
      expect(made.length).toBeGreaterThanOrEqual(WANTED_CALLS);
      const tools = await client.get('/api/tools');
      const names = tools.body.map(({ name }: { name: string }) => name);
      for (const { name, result_summary } of made) {
        expect(names).toContain(name);
        expect(result_summary).not.toContain('not valid JSON');
      }
    },
    LIMIT_MS,
  );
});

function callIds(events: StreamEvent[], type: 'tool_start' | 'tool_end'): string[] {
  return ofType(events, type)
    .map(({ call_id }) => call_id)
    .sort();
}
