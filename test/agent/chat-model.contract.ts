import type { ChatModel, ModelDelta, ModelRequest } from '../../src/models/chat-model.js';

/** One adapter of the port, and a server or a corpus behind it that answers at once. */
export interface ModelUnderTest {
  model: ChatModel;
  close(): Promise<void>;
}

const QUESTION: ModelRequest = { messages: [{ role: 'user', content: 'Who are you?' }], tools: [] };
const TOOL = {
  name: 'search_tender_corpus',
  description: 'Searches.',
  parameters: { type: 'object', properties: {} },
};
const SEARCH: ModelRequest = {
  messages: [{ role: 'user', content: 'What are the CSR requirements?' }],
  tools: [TOOL],
};

const never = new AbortController().signal;

async function collect(deltas: AsyncIterable<ModelDelta>): Promise<ModelDelta[]> {
  const all: ModelDelta[] = [];
  for await (const delta of deltas) all.push(delta);
  return all;
}

const textOf = (deltas: readonly ModelDelta[]): string =>
  deltas.map((delta) => (delta.type === 'text' ? delta.text : '')).join('');

/** What the agent loop relies on, whatever the model. */
export function describeChatModel(name: string, start: () => Promise<ModelUnderTest>): void {
  describe(`the model port: ${name}`, () => {
    let under: ModelUnderTest;
    beforeAll(async () => {
      under = await start();
    });
    afterAll(() => under.close());

    it('answers in pieces of text, then says how it ended, and nothing after that', async () => {
      const deltas = await collect(under.model.stream(QUESTION, never));
      expect(textOf(deltas).trim()).not.toBe('');
      expect(deltas.filter(({ type }) => type === 'finish')).toEqual([{ type: 'finish', reason: 'stop' }]);
      expect(deltas.at(-1)?.type).toBe('finish');
    });

    it('counts tokens in whole numbers', async () => {
      const deltas = await collect(under.model.stream(QUESTION, never));
      const counts = deltas.flatMap((delta) => (delta.type === 'usage' ? Object.values(delta.usage) : []));
      expect(counts.length).toBeGreaterThan(0);
      expect(counts.filter((count: number) => !Number.isInteger(count) || count < 0)).toEqual([]);
    });

    it('calls a tool it was offered, complete and with JSON arguments', async () => {
      const deltas = await collect(under.model.stream(SEARCH, never));
      const calls = deltas.flatMap((delta) => (delta.type === 'tool_call' ? [delta.call] : []));
      expect(calls.map((call) => call.name)).toEqual([TOOL.name]);
      expect(calls[0]?.id).toMatch(/./);
      expect(JSON.parse(calls[0]?.arguments ?? '')).toBeInstanceOf(Object);
      expect(deltas.at(-1)).toEqual({ type: 'finish', reason: 'tool_calls' });
    });

    it('throws the reason of a signal that was aborted before', async () => {
      const reason = new Error('cancelled before');
      await expect(collect(under.model.stream(QUESTION, AbortSignal.abort(reason)))).rejects.toBe(reason);
    });

    it('throws the reason of a signal that is aborted in the middle of an answer', async () => {
      const controller = new AbortController();
      const reason = new Error('cancelled meanwhile');
      const reading = async (): Promise<void> => {
        for await (const delta of under.model.stream(QUESTION, controller.signal))
          if (delta.type === 'text') controller.abort(reason);
      };
      await expect(reading()).rejects.toBe(reason);
    });

    it('answers two at once without mixing them', async () => {
      const [one, other, both] = await Promise.all([
        collect(under.model.stream(QUESTION, never)),
        collect(under.model.stream(QUESTION, never)),
        collect(under.model.stream(SEARCH, never)),
      ]);
      expect(textOf(one)).toBe(textOf(other));
      expect(both.at(-1)).toEqual({ type: 'finish', reason: 'tool_calls' });
    });

    it('has a name, is healthy, and knows its window', async () => {
      expect(under.model.name).not.toBe('');
      expect(await under.model.check()).toMatchObject({ ok: true });
      await under.model.learn();
      expect((await under.model.context()).factor).toBeGreaterThan(0);
    });
  });
}
