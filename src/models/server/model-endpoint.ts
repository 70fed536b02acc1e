import { fetch } from 'undici';
import type { Clock } from '../../common/index.js';
import type { Settings } from '../../platform/config/index.js';
import type { ChatModel, ContextWindow, ModelError } from '../chat-model.js';
import { EndpointMemory } from './endpoint-memory.js';
import { EndpointProbe, type EndpointFacts } from './endpoint-probe.js';
import { LearnedWindow } from './learned-window.js';
import { ModelSlots } from './model-slots.js';
import type { ProviderErrors } from './provider-errors.js';
import { notAnApi } from './provider-failure.js';
import { routeTo } from './proxy.js';
import { WatchedFetch, type Fetch } from './watched-fetch.js';

const CHECK_TIMEOUT_MS = 2000;
const CHECK_AGE_MS = 30_000;

type Health = Awaited<ReturnType<ChatModel['check']>>;

/** Where a model is, and how to ask. */
export interface EndpointOptions {
  model: string;
  /** Base URL of the API. */
  baseUrl: string;
  /** Its list of models. */
  modelsUrl: string;
  /** Sent with questions about the server. */
  headers: Readonly<Record<string, string>>;
  /** What must never be shown. */
  secrets: readonly string[];
  errors: ProviderErrors;
  /** Tokens of the context window, if a setting says so. */
  contextTokens?: number | undefined;
}

/** One model at one server: how to reach it, and what this process has learned about it. */
export class ModelEndpoint {
  readonly memory: EndpointMemory;
  readonly slots: ModelSlots;
  readonly window: LearnedWindow;
  private readonly dispatcher;
  private readonly probe: EndpointProbe;
  private health: { at: number; result: Promise<Health> } | undefined;
  private learning: Promise<void> | undefined;

  constructor(
    readonly options: EndpointOptions,
    settings: Settings,
    private readonly clock: Clock,
    private readonly send: Fetch = fetch,
  ) {
    this.memory = new EndpointMemory(settings, clock);
    this.slots = new ModelSlots(settings.MODEL_CONCURRENCY);
    this.window = new LearnedWindow(options.contextTokens, clock);
    this.dispatcher = routeTo(settings);
    this.probe = new EndpointProbe({ ...options, send, dispatcher: this.dispatcher }, CHECK_TIMEOUT_MS);
  }

  /** Host and port of the server. */
  get host(): string {
    return this.probe.host;
  }

  /**
   * Fetch for one request.
   * @param alive called at every sign of life of the server.
   * @param headers sent beside those of the provider's client.
   */
  request(alive: () => void, headers: Readonly<Record<string, string>> = {}): WatchedFetch {
    const foreign = (host: string, status: number): Error => notAnApi(this.options.errors, host, status);
    return new WatchedFetch(this.send, { dispatcher: this.dispatcher, headers }, alive, foreign);
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
    const detail = `${this.options.model} at ${this.host}`;
    try {
      this.note(await this.probe.models());
      return { ok: true, detail };
    } catch (error) {
      return { ok: false, detail: `${detail} (${this.probeFailure(error)})` };
    }
  }

  private probeFailure(error: unknown): string {
    const failure = this.options.errors.from(error);
    // Not one of the client's errors: the connection was never established, or broke.
    return failure.code === 'model_stream_broken' ? 'unreachable' : failure.message;
  }

  private note({ window, slots }: EndpointFacts): void {
    this.window.recordListed(window);
    if (slots !== undefined) this.slots.told(slots);
  }
}
