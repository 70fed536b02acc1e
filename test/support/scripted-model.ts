import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until, within } from './until.js';

/** One message of a model request. */
export interface AskedMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string | null;
  tool_call_id?: string;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
}

/**
 * An OpenAI-compatible model server that streams what a test tells it to, step by step. Real HTTP, no timing of its
 * own.
 */
export class ScriptedModel {
  /** Requests so far. */
  asked = 0;
  private readonly waiting: ModelAnswer[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.receive(request, response);
    });
  }

  static async start(): Promise<ScriptedModel> {
    const server = createServer();
    const model = new ScriptedModel(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return model;
  }

  /** Settings that make the application use this model. */
  get env(): Record<string, string> {
    const { port } = this.server.address() as AddressInfo;
    return {
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      OPENAI_API_KEY: 'test',
      OPENAI_MODEL: 'scripted',
    };
  }

  /** The next request, or the next one that asks this question. Each request is returned once. */
  next(question?: string): Promise<ModelAnswer> {
    return until(`the model is asked ${question ?? 'something'}`, () => {
      // An unanswered question arrives in one message with the next one.
      const fits = ({ question: asked }: ModelAnswer): boolean =>
        question === undefined || asked === question || asked.endsWith(`\n\n${question}`);
      const index = this.waiting.findIndex(fits);
      return index < 0 ? undefined : this.waiting.splice(index, 1)[0];
    });
  }

  /** Questions that were asked and not yet taken by {@link next}. */
  get pending(): string[] {
    return this.waiting.map((answer) => answer.question);
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/json').end('{"object":"list","data":[]}');
      return;
    }
    request.setEncoding('utf8'); // a chunk may end within a character
    let body = '';
    for await (const chunk of request) body += String(chunk);
    this.asked++;
    const asked = JSON.parse(body) as { messages: AskedMessage[] };
    this.waiting.push(new ModelAnswer(asked.messages, response, { body: asked, headers: request.headers }));
  }
}

/** The words of a message, which may have pictures. */
function textOf(content: unknown): string {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : '';
  return (content as { text?: string }[]).map(({ text = '' }) => text).join('');
}

/** One model turn under the test's control. */
export class ModelAnswer {
  /** The last thing the user said. */
  readonly question: string;
  /** Resolves when the application has disconnected. */
  readonly hungUp: Promise<void>;
  /** The whole request. */
  readonly body: object;
  readonly headers: IncomingMessage['headers'];
  private calls = 0;

  constructor(
    readonly messages: AskedMessage[],
    private readonly response: ServerResponse,
    request: { body?: object; headers?: IncomingMessage['headers'] } = {},
  ) {
    this.body = request.body ?? {};
    this.headers = request.headers ?? {};
    this.question = textOf(messages.findLast((message) => message.role === 'user')?.content);
    this.hungUp = once(response, 'close').then(() => undefined);
  }

  /** Streams a piece of the answer. */
  text(content: string): this {
    return this.chunk({ delta: { content } });
  }

  /** Streams thinking. A blank line ends a piece, and every piece becomes one `rationale` event. */
  reasoning(text: string): this {
    return this.chunk({ delta: { reasoning_content: text } });
  }

  /** Calls a tool; takes effect with {@link finish}. */
  toolCall(name: string, args: unknown, id = `call_${this.calls}`): this {
    const index = this.calls++;
    const call = { index, id, type: 'function', function: { name, arguments: JSON.stringify(args) } };
    return this.chunk({ delta: { tool_calls: [call] } });
  }

  /** Ends the turn. */
  finish(usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }): void {
    this.chunk({ delta: {}, finish_reason: this.calls > 0 ? 'tool_calls' : 'stop' });
    this.send({ choices: [], usage });
    this.response.end('data: [DONE]\n\n');
  }

  /** Sends any bytes. */
  bytes(text: string): this {
    if (!this.response.headersSent) this.response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.response.write(text);
    return this;
  }

  /** Ends the answer where it is. */
  end(): void {
    this.response.end();
  }

  /** Answers with an HTTP error instead. */
  fail(status: number): void {
    this.response.writeHead(status, { 'content-type': 'application/json' });
    this.response.end(JSON.stringify({ error: { message: 'scripted failure', code: 'scripted' } }));
  }

  /** Breaks the connection in the middle of the answer. */
  cut(): void {
    this.response.destroy();
  }

  /** Resolves when everything streamed has left this server. */
  async drained(): Promise<void> {
    if (this.response.writableNeedDrain)
      await within('the model was read', once(this.response, 'drain'), 20_000);
  }

  private chunk(choice: { delta: object; finish_reason?: string }): this {
    return this.send({ choices: [{ index: 0, finish_reason: null, ...choice }] });
  }

  private send(fields: object): this {
    if (!this.response.headersSent) this.response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = {
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'scripted',
      ...fields,
    };
    this.response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    return this;
  }
}
