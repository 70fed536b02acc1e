import OpenAI from 'openai';
import { fetch } from 'undici';
import type { Clock } from '../../common/index.js';
import type { Settings } from '../../platform/config/index.js';
import type { ChatModel, ContextWindow, ModelError } from '../chat-model.js';
import { LearnedWindow } from '../server/learned-window.js';
import { EndpointMemory } from './endpoint-memory.js';
import { EndpointProbe, type EndpointFacts } from './endpoint-probe.js';
import { ModelSlots } from '../server/model-slots.js';
import { toModelError } from './openai-errors.js';
import { routeTo } from '../server/proxy.js';
import { WatchedFetch, type Fetch } from '../server/watched-fetch.js';

const OPENAI_URL = 'https://api.openai.com/v1';
const CHECK_TIMEOUT_MS = 2000;
const CHECK_AGE_MS = 30_000;

type Health = Awaited<ReturnType<ChatModel['check']>>;

/** One model at one server: how to reach it, and what this process has learned about it. */
export class ModelEndpoint {
  readonly memory: EndpointMemory;
  readonly slots: ModelSlots;
  readonly window: LearnedWindow;
  private readonly dispatcher;
  private readonly client: OpenAI;
  private readonly probe: EndpointProbe;
  private health: { at: number; result: Promise<Health> } | undefined;
  private learning: Promise<void> | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly send: Fetch = fetch,
  ) {
    const {
      OPENAI_API_KEY: key = 'none',
      OPENAI_BASE_URL: baseURL = OPENAI_URL,
      OPENAI_MODEL: model,
    } = settings;
    this.memory = new EndpointMemory(settings, clock);
    this.slots = new ModelSlots(settings.MODEL_CONCURRENCY);
    this.window = new LearnedWindow(settings.MODEL_CONTEXT_TOKENS, clock);
    this.dispatcher = routeTo(settings);
    this.probe = new EndpointProbe(
      { baseUrl: baseURL, key, model, send, dispatcher: this.dispatcher },
      CHECK_TIMEOUT_MS,
    );
    this.client = new OpenAI({
      apiKey: key, // local servers need none, the client insists on one
      baseURL,
      // Set explicitly, because otherwise the client reads the environment itself.
      organization: null,
      project: null,
      maxRetries: 0, // the loop retries: visibly, and without repeating what was received
      logLevel: 'off',
    });
  }

  /** Host and port of the server. */
  get host(): string {
    return this.probe.host;
  }

  /** What must never be shown. */
  get secrets(): string[] {
    return this.settings.OPENAI_API_KEY === undefined ? [] : [this.settings.OPENAI_API_KEY];
  }

  /** A client for one request. @param alive called at every sign of life of the server. */
  request(alive: () => void): { client: OpenAI; watched: WatchedFetch } {
    const watched = new WatchedFetch(this.send, this.dispatcher, alive);
    return { client: this.client.withOptions({ fetch: watched.fetch }), watched };
  }

  /** Lists the models, which costs no tokens; the response is cached for 30 s. */
  check(): Promise<Health> {
    const now = this.clock.now();
    if (!this.health || now - this.health.at >= CHECK_AGE_MS) this.health = { at: now, result: this.ask() };
    return this.health.result;
  }

  /** Asks the server for what no setting says. Never rejects. */
  learn(): Promise<void> {
    this.learning ??= this.askAll().finally(() => (this.learning = undefined));
    return this.learning;
  }

  /** What is known about the context window, once pending queries are answered. */
  async context(): Promise<ContextWindow> {
    await this.learning;
    return this.window.current;
  }

  /** The server rejected a request as too long; if it did not say how much it accepts, it is asked. */
  async refusedAsTooLong(error: ModelError, estimated: number): Promise<void> {
    const { overflow } = error.options;
    if (!overflow) return;
    if (overflow.window === undefined) await this.learn();
    const { tokens } = this.window.current;
    const told = overflow.window === undefined && tokens !== undefined && tokens < estimated;
    this.window.recordRejection(told ? { ...overflow, window: tokens } : overflow, estimated);
  }

  private async askAll(): Promise<void> {
    await this.check();
    const { setting } = this.slots;
    if (this.window.current.tokens === undefined || setting === 'auto')
      this.note(await this.probe.properties());
  }

  private async ask(): Promise<Health> {
    const detail = `${this.settings.OPENAI_MODEL} at ${this.host}`;
    try {
      this.note(await this.probe.models());
      return { ok: true, detail };
    } catch (error) {
      return { ok: false, detail: `${detail} (${probeFailure(error)})` };
    }
  }

  private note({ window, slots }: EndpointFacts): void {
    this.window.recordListed(window);
    if (slots !== undefined) this.slots.told(slots);
  }
}

function probeFailure(error: unknown): string {
  const failure = toModelError(error);
  // Not one of the client's errors: the connection was never established, or broke.
  return failure.code === 'model_stream_broken' ? 'unreachable' : failure.message;
}
