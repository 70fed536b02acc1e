import { newWatches } from '../support/telemetry.js';
import { Logger } from '@nestjs/common';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { AnswerWriter, TurnText } from '../../src/agent/asking/answer-writer.js';
import { ModelTurns } from '../../src/agent/asking/model-turns.js';
import { RationaleWriter } from '../../src/agent/asking/rationale-writer.js';
import { RunEmitter } from '../../src/agent/run-emitter.js';
import { TurnLog } from '../../src/agent/turns/turn-log.js';
import { UsageSum } from '../../src/agent/usage-sum.js';
import { SystemClock } from '../../src/common/index.js';
import { AnthropicModel } from '../../src/models/anthropic/anthropic-model.js';
import { ModelCatalogue, type ChatModel } from '../../src/models/index.js';
import { OpenAiModel } from '../../src/models/openai/openai-model.js';
import { loadSettings } from '../../src/platform/config/index.js';
import { message, textBlock, thinkingBlock } from '../support/messages-api.js';
import { frame } from '../support/provider.js';
import { InstantPause, RecordingSink } from './support.js';

// A recorded answer of each API is cut at every byte, by a clean end or by a reset, over real HTTP and through the
// real clients. Whoever continues, the text is complete, once.

const ANSWER = [
  '**Fyn** 🎉: the contractor reports “',
  '日本',
  'every year”,\n\n- costs\n',
  '- and deadlines, too.',
];
const WHOLE = ANSWER.join('');

Logger.overrideLogger(false); // thousands of warnings

/** How an API writes an answer, and where it puts the text that a model has to continue. */
interface Api {
  answer(...pieces: string[]): string;
  model(url: string): ChatModel;
  /** The text before the request to continue. */
  partial(messages: any[]): string;
}

const OPENAI: Api = {
  answer: (...pieces) =>
    frame({ role: 'assistant', reasoning_content: 'Hm.' }) +
    pieces.map((content) => frame({ content })).join('') +
    frame({}, 'stop') +
    'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}\n\ndata: [DONE]\n\n',
  model: (url) =>
    new OpenAiModel(loadSettings({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: 'm' }), new SystemClock()),
  partial: (messages) => (messages.at(-2)?.role === 'assistant' ? messages.at(-2).content : ''),
};

const ANTHROPIC: Api = {
  answer: (...pieces) => message(thinkingBlock(0, 'Hm.'), textBlock(1, ...pieces)),
  model: (url) => new AnthropicModel(loadSettings({ ANTHROPIC_BASE_URL: url }), new SystemClock(), 'm'),
  partial: (messages) => (messages.at(-2)?.role === 'assistant' ? messages.at(-2).content[0].text : ''),
};

type Ending = 'ends' | 'is reset';

/** Cuts its first answer, and each one as long as it is told to; then it continues like a model that does as asked. */
class CuttingServer {
  cut: { at: number; ending: Ending; times: number } = { at: 0, ending: 'ends', times: 0 };
  private constructor(
    private readonly api: Api,
    private readonly server: Server,
  ) {}

  static async start(api: Api): Promise<CuttingServer> {
    const server = createServer();
    const cutting = new CuttingServer(api, server);
    server.on('request', (request, response: ServerResponse) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        cutting.answer(body, response);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return cutting;
  }

  get model(): ChatModel {
    return this.api.model(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  get length(): number {
    return Buffer.byteLength(this.api.answer(...ANSWER));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private answer(body: string, response: ServerResponse): void {
    if (body === '') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const { at, ending } = this.cut;
    if (this.cut.times-- > 0) {
      const bytes = Buffer.from(this.api.answer(...ANSWER)).subarray(0, at);
      if (ending === 'ends') response.end(bytes);
      else response.write(bytes, () => response.destroy());
      return;
    }
    const { messages } = JSON.parse(body) as { messages: any[] };
    const partial = this.api.partial(messages);
    const rest = WHOLE.startsWith(partial) ? WHOLE.slice(partial.length) : WHOLE;
    response.end(this.api.answer(...(rest.match(/[^]{1,7}/gu) ?? [])));
  }
}

/** One turn of a run, and what its log says. */
async function turn(...models: ChatModel[]): Promise<string> {
  const sink = new RecordingSink();
  const emitter = new RunEmitter(sink);
  const settings = loadSettings({ MODEL_RETRIES: models.length > 1 ? '0' : '1' });
  const turns = new ModelTurns(
    ModelCatalogue.of(...models),
    settings,
    new InstantPause(),
    new SystemClock(),
    newWatches().models,
  );
  const output = {
    text: new TurnText(new AnswerWriter(emitter, 10_000)),
    rationale: new RationaleWriter(emitter, 10_000),
    usage: new UsageSum(),
    sent: new TurnLog().begin(START)(1),
    show: () => Promise.resolve(),
  };
  const messages = [{ role: 'user' as const, content: 'What?' }];
  const run = { message_id: 'm', chat_id: 'c' };
  await turns.take({ messages, tools: [], output, emitter, run, signal: new AbortController().signal });
  await emitter.drain();
  return sink.text;
}

const START = {
  attempt: 1,
  agent: 'a',
  version: 'v',
  tools: 't',
  history: [],
  limits: { messages: 1, tokens: 1, results: 1 },
};
const FEW_AT_ONCE = 8;

type Check = (server: CuttingServer, at: number) => Promise<string>;

/** Checks every position, several at a time, each with a server of its own. @returns where the text came out wrong. */
async function wrongCuts(api: Api, check: Check): Promise<unknown[]> {
  const servers = await Promise.all(Array.from({ length: FEW_AT_ONCE }, () => CuttingServer.start(api)));
  const wrong: unknown[] = [];
  let next = 0;
  const work = async (server: CuttingServer): Promise<void> => {
    for (let at = next++; at <= server.length; at = next++) {
      const text = await check(server, at).catch((error: unknown) => `failed: ${String(error)}`);
      if (text !== WHOLE) wrong.push({ at, text });
    }
  };
  try {
    await Promise.all(servers.map(work));
    return wrong;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

const APIS: [string, Api][] = [
  ['Chat Completions', OPENAI],
  ['the Messages API', ANTHROPIC],
];
const ENDINGS: Ending[] = ['ends', 'is reset'];

describe.each(APIS)('an answer of %s', (_name, api) => {
  it.each(ENDINGS)(
    'that %s at any byte is continued by the same model',
    async (ending) => {
      const wrong = await wrongCuts(api, (server, at) => {
        server.cut = { at, ending, times: 1 };
        return turn(server.model);
      });
      expect(wrong).toEqual([]);
    },
    300_000,
  );

  it('that breaks at any byte is continued by a model of the other API', async () => {
    const [, other] = APIS.find(([, each]) => each !== api) ?? ['', api];
    const second = await CuttingServer.start(other);
    const { model } = second;
    const wrong = await wrongCuts(api, (server, at) => {
      server.cut = { at, ending: at % 2 === 0 ? 'ends' : 'is reset', times: 1 };
      return turn(server.model, model);
    });
    await second.stop();
    expect(wrong).toEqual([]);
  }, 300_000);
});
