import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.js';

/** Words that mean the same, in English, German and Danish. */
const CONCEPTS: readonly (readonly string[])[] = [
  ['co2', 'carbon', 'emissions', 'klimaregnskab', 'klimabilanz', 'klima', 'climate'],
  ['accounting', 'account', 'ledger', 'klimaregnskab', 'klimabilanz', 'buchhaltung', 'regnskab'],
  ['vat', 'umsatzsteuer', 'mehrwertsteuer', 'moms', 'turnover'],
  ['tax', 'steuer', 'umsatzsteuer', 'mehrwertsteuer', 'skat', 'moms'],
  ['penalty', 'vertragsstrafe', 'bod', 'damages'],
  ['deadline', 'frist', 'abgabetermin'],
  ['cat', 'katze', 'kat'],
];
/** Dimensions beside those of the concepts, in which unknown words point somewhere. */
const OTHERS = 57;

/** One request, as it arrived. */
export interface EmbeddingRequest {
  model: string;
  input: string[];
  encoding_format: 'float' | 'base64' | undefined;
  authorization: string | undefined;
}

/** Answers a request instead of the server. */
export type Fault = (request: EmbeddingRequest, response: ServerResponse) => void;

/**
 * A server with the embeddings API of OpenAI. Its vectors come from a small table of words in three languages, and are the
 * same each time. It does as OpenAI does, or what a test tells it.
 */
export class EmbeddingsServer {
  /** All requests so far. */
  readonly requests: EmbeddingRequest[] = [];
  /** Vectors have this many dimensions more. */
  more = 0;
  /** For the next requests, one each. */
  readonly faults: Fault[] = [];
  /** For all requests; before {@link faults}. */
  always: Fault | undefined;
  private held: (() => void)[] | undefined;

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.receive(request, response);
    });
  }

  static async start(): Promise<EmbeddingsServer> {
    const embeddings = new EmbeddingsServer(createServer());
    await once(embeddings.server.listen(0, '127.0.0.1'), 'listening');
    return embeddings;
  }

  /** Settings that turn on the search by meaning with this server. */
  get env(): Record<string, string> {
    const { port } = this.server.address() as AddressInfo;
    return {
      EMBEDDINGS_MODEL: 'concepts',
      EMBEDDINGS_BASE_URL: `http://127.0.0.1:${port}/v1`,
      EMBEDDINGS_API_KEY: 'secret-key',
    };
  }

  /** Every text that was sent. */
  get texts(): string[] {
    return this.requests.flatMap(({ input }) => input);
  }

  /** From now on answers wait for {@link release}. */
  hold(): void {
    this.held ??= [];
  }

  /** Resolves when so many requests wait. */
  async waiting(count = 1): Promise<void> {
    await until(`${count} requests wait`, () => (this.held?.length ?? 0) >= count);
  }

  release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const go of held) go();
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /** The vector of a text; not of length 1. */
  vector(text: string): number[] {
    const vector = Array.from({ length: CONCEPTS.length + OTHERS + this.more }, () => 0);
    for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
      const concepts = [...CONCEPTS.keys()].filter((index) => CONCEPTS[index]?.includes(word));
      for (const index of concepts) vector[index]! += 3;
      if (concepts.length === 0) vector[CONCEPTS.length + (hashOf(word) % OTHERS)]! += 0.4;
    }
    vector[0]! += 0.01;
    return vector;
  }

  /** What the server answers when nothing is wrong. */
  answer({ input, encoding_format, model }: EmbeddingRequest): object {
    const data = input.map((text, index) => ({
      object: 'embedding',
      index,
      embedding: encoding_format === 'base64' ? base64(this.vector(text)) : this.vector(text),
    }));
    return { object: 'list', model, data, usage: { prompt_tokens: 1, total_tokens: 1 } };
  }

  private async receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    incoming.setEncoding('utf8');
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    const { authorization } = incoming.headers;
    const asked = { ...(JSON.parse(body) as EmbeddingRequest), authorization };
    this.requests.push(asked);
    if (this.held) await new Promise<void>((resolve) => this.held?.push(resolve));
    const fault = this.always ?? this.faults.shift();
    if (fault) fault(asked, response);
    else send(response, 200, this.answer(asked));
  }
}

/** Sends JSON. */
export function send(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function base64(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64');
}

function hashOf(word: string): number {
  let hash = 7;
  for (const letter of word) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  return hash;
}
