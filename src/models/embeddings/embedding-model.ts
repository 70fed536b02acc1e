import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { fetch, type Dispatcher } from 'undici';
import type { Settings } from '../../platform/config/index.js';
import { ModelError, type Circuit } from '../chat-model.js';
import { ServerCircuit } from '../server/circuit.js';
import { notAnApi, withProviderCause } from '../server/provider-failure.js';
import { ProviderErrors } from '../server/provider-errors.js';
import { routeTo } from '../server/proxy.js';
import { WatchedFetch } from '../server/watched-fetch.js';
import { readVectors } from './read-vectors.js';

const OPENAI_URL = 'https://api.openai.com/v1';

const errors = new ProviderErrors(
  { key: 'EMBEDDINGS_API_KEY', model: 'EMBEDDINGS_MODEL', url: 'EMBEDDINGS_BASE_URL', api: 'an OpenAI API' },
  { connection: APIConnectionError, timeout: APIConnectionTimeoutError, api: APIError },
);

/** How long a request may take, ms, and what ends it before. */
export interface EmbeddingOptions {
  timeoutMs: number;
  signal: AbortSignal;
}

/** Turns texts into vectors: texts that mean the same have a similar direction, whatever their words and language. */
export class EmbeddingModel {
  /** Name at its server. */
  readonly name: string;
  /** Whether asking is worth the time, for those who cannot wait: it counts what goes through it. */
  readonly circuit: Circuit;
  private readonly client: OpenAI;
  private readonly dispatcher: Dispatcher;
  private readonly secrets: readonly string[];
  /** The server knows only numbers. */
  private plain = false;

  constructor(settings: Settings, model: string) {
    const { baseURL, key } = serverOf(settings);
    this.name = model;
    this.secrets = key === undefined ? [] : [key];
    this.dispatcher = routeTo(settings);
    this.circuit = new ServerCircuit({
      failures: settings.MODEL_CIRCUIT_FAILURES,
      openMs: settings.MODEL_CIRCUIT_MS,
    });
    this.client = new OpenAI({
      apiKey: key ?? 'none', // local servers need none, the client insists on one
      baseURL,
      organization: null,
      project: null,
      maxRetries: 0, // a search does not wait for it, and what is stored is retried for as long as it takes
      logLevel: 'off',
    });
  }

  /** Host and port of the server. */
  get host(): string {
    return new URL(this.client.baseURL).host;
  }

  /**
   * The vectors of some texts, in their order, each of length 1.
   * @throws ModelError for whatever goes wrong, also for an answer that is none; the signal's reason.
   */
  async embed(texts: readonly string[], options: EmbeddingOptions): Promise<Float32Array[]> {
    try {
      return await this.ask(texts, options);
    } catch (error) {
      if (this.plain || !isAboutFormat(error)) throw error;
      this.plain = true;
      return this.ask(texts, options);
    }
  }

  private async ask(
    texts: readonly string[],
    { timeoutMs, signal }: EmbeddingOptions,
  ): Promise<Float32Array[]> {
    const foreign = (host: string, status: number): Error => notAnApi(errors, host, status);
    const watched = new WatchedFetch(
      fetch,
      { dispatcher: this.dispatcher, headers: {} },
      () => undefined,
      foreign,
    );
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const answer = await this.client
        .withOptions({ fetch: watched.fetch })
        .embeddings.create(
          { model: this.name, input: [...texts], encoding_format: this.plain ? 'float' : 'base64' },
          { signal: limit, timeout: timeoutMs + 1000 },
        );
      return readVectors(answer, texts.length);
    } catch (error) {
      signal.throwIfAborted();
      const failure = limit.aborted ? new APIConnectionTimeoutError() : error;
      throw withProviderCause(errors.from(failure), {
        errors,
        refusal: watched.refusal,
        secrets: this.secrets,
      });
    }
  }
}

/** A key goes to no other server than the one that it is for. */
function serverOf(settings: Settings): { baseURL: string; key: string | undefined } {
  const { EMBEDDINGS_BASE_URL, EMBEDDINGS_API_KEY, OPENAI_API_KEY, OPENAI_BASE_URL = OPENAI_URL } = settings;
  const baseURL = EMBEDDINGS_BASE_URL ?? OPENAI_BASE_URL;
  const isSame = new URL(baseURL).host === new URL(OPENAI_BASE_URL).host;
  return { baseURL, key: EMBEDDINGS_API_KEY ?? (isSame ? OPENAI_API_KEY : undefined) };
}

function isAboutFormat(error: unknown): boolean {
  if (!(error instanceof ModelError) || error.code !== 'model_rejected') return false;
  return /encoding_format|base64/i.test(error.options.provider?.message ?? '');
}
