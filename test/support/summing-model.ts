import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ModelAnswer, type AskedMessage } from './scripted-model.js';

/** What one request had of the earlier conversation: the numbers of its questions, in order. */
export interface Given {
  question: number;
  /** Those that the summary covers. */
  summary: number[];
  /** Those that were passed as they are. */
  window: number[];
}

const NUMBER = /#(\d+)#/g;
const SUMMARY = /^\[summary of the earlier conversation\][^]*?\[end of the summary\]/;

/** The numbers in a text. */
export const numbersIn = (text: string): number[] =>
  [...text.matchAll(NUMBER)].map(([, number]) => Number(number));

/**
 * An OpenAI-compatible model for conversations whose questions have numbers, `#12#`: its summaries are the numbers of what
 * they cover, so that every request shows which questions it stands on. Stateless but for what it has seen.
 */
export class SummingModel {
  readonly given: Given[] = [];
  /** Summaries that were asked for. */
  summaries = 0;
  /** Whether the next summary fails. */
  failsNext: () => boolean = () => false;
  /** Questions that it refuses for good. */
  readonly refused = new Set<number>();

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.receive(request, response);
    });
  }

  static async start(): Promise<SummingModel> {
    const model = new SummingModel(createServer());
    await once(model.server.listen(0, '127.0.0.1'), 'listening');
    return model;
  }

  /** Settings that make the application use this model. */
  get env(): Record<string, string> {
    const { port } = this.server.address() as AddressInfo;
    return {
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      OPENAI_API_KEY: 'test',
      OPENAI_MODEL: 'summing',
    };
  }

  /** What the application was given for a question, the last time that it was asked. */
  of(question: number): Given | undefined {
    return this.given.findLast((one) => one.question === question);
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
    request.setEncoding('utf8');
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { messages } = JSON.parse(body) as { messages: AskedMessage[] };
    const answer = new ModelAnswer(messages, response);
    const [first = ''] = messages.flatMap(({ role, content }) => (role === 'user' ? (content ?? '') : []));
    if (first.startsWith('--- ')) this.summarise(first, answer);
    else this.answer(messages, answer);
  }

  private summarise(material: string, answer: ModelAnswer): void {
    this.summaries++;
    if (this.failsNext()) answer.fail(500);
    else answer.text([...new Set(numbersIn(material))].map((number) => `#${number}#`).join(' ')).finish();
  }

  private answer(messages: AskedMessage[], answer: ModelAnswer): void {
    const asked = messages
      .flatMap(({ role, content }) => (role === 'user' ? (content ?? '') : []))
      .join('\n\n');
    const summary = SUMMARY.exec(asked)?.[0] ?? '';
    const window = numbersIn(asked.slice(summary.length));
    const question = window.pop() ?? -1;
    this.given.push({ question, summary: numbersIn(summary), window });
    if (this.refused.has(question)) answer.fail(400);
    else answer.text(`Answer to ${question}.`).finish();
  }
}
