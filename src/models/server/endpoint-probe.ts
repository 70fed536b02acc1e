import type { Dispatcher } from 'undici';
import { asJsonObject, parseJson } from '../../common/index.js';
import { ModelError } from '../chat-model.js';
import type { ProviderErrors } from './provider-errors.js';
import { notAnApi } from './provider-failure.js';
import { isHtml } from './refusal.js';
import type { Fetch } from './watched-fetch.js';

/** Some gateways list hundreds of models with their descriptions. */
const LIST_MAX_BYTES = 16_000_000;

/** Names of the window in lists of models: OpenRouter and Together, vLLM and SGLang, Groq, Mistral, LM Studio, llama.cpp, TabbyAPI. */
const WINDOW_NAMES = [
  'context_length',
  'max_model_len',
  'context_window',
  'max_context_length',
  'loaded_context_length',
  'max_input_tokens',
  'n_ctx',
  'max_seq_len',
];
/** Objects inside an entry that may contain it. */
const INSIDE = ['meta', 'metadata', 'parameters', 'top_provider', 'limits', 'capabilities'];

/** What a server reports about a model. */
export interface EndpointFacts {
  /** Tokens of the context window. */
  window?: number;
  /** Requests that it works on at a time. */
  slots?: number;
}

/** Where and how to ask a model. */
export interface Endpoint {
  baseUrl: string;
  /** The server's list of models. */
  modelsUrl: string;
  headers: Readonly<Record<string, string>>;
  model: string;
  errors: ProviderErrors;
  send: Fetch;
  dispatcher: Dispatcher;
}

/** Asks a model's server about itself, which costs no tokens. */
export class EndpointProbe {
  constructor(
    private readonly endpoint: Endpoint,
    private readonly timeoutMs: number,
  ) {}

  /** Host and port. */
  get host(): string {
    return new URL(this.endpoint.baseUrl).host;
  }

  /**
   * Reads the list of models. A server without such a list answers 404, but it is there.
   * @throws ModelError, or what `fetch` throws if nobody answers.
   */
  async models(): Promise<EndpointFacts> {
    const { modelsUrl, errors } = this.endpoint;
    const { status, text } = await this.get(modelsUrl);
    if (isHtml(text)) throw notAnApi(errors, this.host, status);
    if (status === 404) return {};
    if (status >= 400) throw errors.fromResponse(status, asJsonObject(parseJson(text)));
    const list = asJsonObject(parseJson(text))?.['data'];
    const entries = Array.isArray(list) ? list.map(asJsonObject) : [];
    return windowFact(entries.find((entry) => entry?.['id'] === this.endpoint.model) ?? only(entries));
  }

  /** Reads llama.cpp's properties; no other server has them. Never throws. */
  async properties(): Promise<EndpointFacts> {
    const url = `${this.endpoint.baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '')}/props`;
    const answer = await this.get(url).catch(() => undefined);
    const page = answer?.status === 200 ? asJsonObject(parseJson(answer.text)) : undefined;
    const window = positive(
      asJsonObject(page?.['default_generation_settings'])?.['n_ctx'] ?? page?.['n_ctx'],
    );
    const slots = positive(page?.['total_slots']);
    return { ...(window !== undefined && { window }), ...(slots !== undefined && { slots }) };
  }

  private async get(url: string): Promise<{ status: number; text: string }> {
    const { send, dispatcher } = this.endpoint;
    const headers = { ...this.endpoint.headers, accept: 'application/json' };
    const signal = AbortSignal.timeout(this.timeoutMs);
    const response = await send(url, { headers, dispatcher, signal });
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size > LIST_MAX_BYTES)
        throw new ModelError('model_rejected', 'The list of models is too long.', { retryable: false });
    }
    return { status: response.status, text: Buffer.concat(chunks).toString() };
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** Servers with one model name it after its file, or after whatever name they were started with. */
function only(entries: readonly (Fields | undefined)[]): Fields | undefined {
  return entries.length === 1 ? entries[0] : undefined;
}

/** The smallest number counts: the model may support more than the server that runs it. */
function windowFact(entry: Fields | undefined): EndpointFacts {
  if (!entry) return {};
  const places = [entry, ...INSIDE.map((name) => asJsonObject(entry[name]))];
  const found = places.flatMap((place) => WINDOW_NAMES.map((name) => positive(place?.[name])));
  const numbers = found.filter((number) => number !== undefined);
  return numbers.length > 0 ? { window: Math.min(...numbers) } : {};
}

function positive(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
