import { once } from 'node:events';
import {
  ModelError,
  type ChatModel,
  type ModelDelta,
  type ModelRequest,
} from '../../src/models/chat-model.js';
import { Provider, refuses, stream, type Answer } from '../support/provider.js';

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

/** An adapter that speaks HTTP, and its API. */
export interface ServedModelUnderTest {
  /** A model at this server, which is asked with short limits. */
  model: (url: string) => ChatModel;
  /** A whole answer, as its frames. */
  frames: (text: string) => string[];
  /** A failure reported where an answer was expected. */
  failure: string;
}

const broken = (frames: string[]): Answer => sendsPart(frames, (response) => void response.destroy());
const ended = (frames: string[]): Answer => sendsPart(frames, (response) => void response.end());
/** Stays silent, and connected. */
const stalled = (frames: string[]): Answer => sendsPart(frames, () => undefined);

function sendsPart(frames: string[], then: (response: Parameters<Answer>[1]) => void): Answer {
  return (_request, response) => {
    stream(response).write(frames.slice(0, -2).join(''), () => {
      then(response);
    });
  };
}

/** How an adapter that speaks HTTP names what goes wrong, so that the loop knows what to do. */
export function describeServedModel(name: string, { model, frames, failure }: ServedModelUnderTest): void {
  describe(`the model port, when servers fail: ${name}`, () => {
    let provider: Provider;
    beforeAll(async () => {
      provider = await Provider.start();
    });
    afterAll(() => provider.stop());

    const answer = frames('Half of an answer');
    const html = '<!DOCTYPE html><html><body>Sign in</body></html>';
    const page: Answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    };
    const silent: Answer = () => undefined;
    const rows: [string, Answer, string, boolean][] = [
      ['cuts the connection', broken(answer), 'model_stream_broken', true],
      ['ends too early', ended(answer), 'model_stream_broken', true],
      ['stalls in its answer', stalled(answer), 'model_timeout', true],
      ['never answers', silent, 'model_timeout', true],
      ['ends without a word', ended([]), 'model_stream_broken', true],
      ['limits us', refuses(429, { error: { message: 'slow down' } }), 'model_rate_limited', true],
      ['has an error of its own', refuses(500, { error: { message: 'oops' } }), 'model_unavailable', true],
      ['is overloaded', refuses(503, 'busy', { 'content-type': 'text/plain' }), 'model_unavailable', true],
      [
        'is behind a gateway that fails',
        refuses(502, html, { 'content-type': 'text/html' }),
        'model_unavailable',
        true,
      ],
      ['refuses the key', refuses(401, { error: { message: 'who?' } }), 'model_rejected', false],
      ['does not have the model', refuses(404, { error: { message: 'what?' } }), 'model_rejected', false],
      ['answers with a web page', page, 'model_rejected', false],
      [
        'reports a failure in its answer',
        sendsPart([...frames('Half').slice(0, 2), failure, '', ''], (response) => response.end()),
        'model_unavailable',
        true,
      ],
    ];
    it.each(rows)('one that %s', async (_name, given, code, retryable) => {
      provider.answers = [given];
      const deltas: ModelDelta[] = [];
      const reading = async (): Promise<void> => {
        const under = model(`http://127.0.0.1:${provider.port}`);
        for await (const delta of under.stream(QUESTION, never)) deltas.push(delta);
      };
      const error: unknown = await reading().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ModelError);
      expect(error).toMatchObject({ code, options: { retryable } });
      expect(deltas.filter(({ type }) => type === 'finish' || type === 'tool_call')).toEqual([]);
    });

    it('is not asked too much: one request for each answer', async () => {
      provider.answers = [refuses(503, {})];
      provider.asked.length = 0;
      const under = model(`http://127.0.0.1:${provider.port}`);
      await expect(collect(under.stream(QUESTION, never))).rejects.toBeInstanceOf(ModelError);
      expect(provider.asked.length).toBe(1);
    });

    it('hangs up when the caller does', async () => {
      const controller = new AbortController();
      const reason = new Error('cancelled');
      let hungUp: Promise<unknown> = Promise.resolve();
      provider.answers = [
        (_request, response) => {
          hungUp = once(response, 'close');
          stream(response).write(answer.slice(0, -2).join(''), () => {
            controller.abort(reason);
          });
        },
      ];
      const under = model(`http://127.0.0.1:${provider.port}`);
      await expect(collect(under.stream(QUESTION, controller.signal))).rejects.toBe(reason);
      await hungUp;
    });
  });
}
