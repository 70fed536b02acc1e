import OpenAI from 'openai';
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import type { Clock } from '../../common/index.js';
import type { Settings } from '../../platform/config/index.js';
import { ChatModel, type ModelDelta, type ModelRequest } from '../chat-model.js';
import { alternating } from './alternating.js';
import { ChunkReader } from './chunk-reader.js';
import { broken, toModelError } from './openai-errors.js';
import { toParams } from './openai-messages.js';
import { readFrames, type Frame } from './response-frames.js';
import { Watchdog } from './watchdog.js';

const OPENAI_URL = 'https://api.openai.com/v1';
const CHECK_TIMEOUT_MS = 2000;
/** Time that a server has to close the answer after it said that it is complete. */
const CLOSE_GRACE_MS = 1000;
const CHECK_AGE_MS = 30_000;

type Health = Awaited<ReturnType<ChatModel['check']>>;

/** Any endpoint that speaks OpenAI's Chat Completions: OpenAI, Ollama, vLLM, OpenRouter and others. */
export class OpenAiModel extends ChatModel {
  override readonly name: string;
  private readonly client: OpenAI;
  private health: { at: number; result: Promise<Health> } | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {
    super();
    this.name = settings.OPENAI_MODEL;
    this.client = new OpenAI({
      apiKey: settings.OPENAI_API_KEY ?? 'none', // local servers want none, the client insists on one
      baseURL: settings.OPENAI_BASE_URL ?? OPENAI_URL,
      // Given, or else the client reads the environment itself.
      organization: null,
      project: null,
      maxRetries: 0, // the loop retries: visibly, and without repeating what was received
      logLevel: 'off',
    });
  }

  override async *stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelDelta> {
    signal.throwIfAborted();
    const watchdog = new Watchdog(signal);
    const reader = new ChunkReader(
      this.origin,
      request.tools.map(({ name }) => name),
    );
    try {
      for await (const frame of this.frames(request, watchdog, reader)) yield* reader.read(frame);
    } catch (error) {
      signal.throwIfAborted();
      if (!reader.isFinished) throw watchdog.signal.aborted ? watchdog.signal.reason : toModelError(error);
    } finally {
      watchdog.stop();
    }
    signal.throwIfAborted();
    const rest = reader.end();
    if (!rest) throw broken();
    yield* rest;
  }

  /** Lists the models, which costs no tokens; the answer is kept for 30 s. */
  override check(): Promise<Health> {
    const now = this.clock.now();
    if (!this.health || now - this.health.at >= CHECK_AGE_MS) this.health = { at: now, result: this.probe() };
    return this.health.result;
  }

  /** Whose signatures and thinking may be sent back. */
  private get origin(): string {
    return `${this.name}@${new URL(this.client.baseURL).host}`;
  }

  private async *frames(
    request: ModelRequest,
    watchdog: Watchdog,
    reader: ChunkReader,
  ): AsyncIterable<Frame> {
    const { MODEL_TIMEOUT_MS, MODEL_STALL_MS } = this.settings;
    watchdog.expect(MODEL_TIMEOUT_MS);
    // The client's own time-out is only for the headers; ours covers them and comes first.
    const options = { signal: watchdog.signal, timeout: MODEL_TIMEOUT_MS + 1000 };
    // The client's own reader of streams throws at much that real servers send.
    const { body } = await this.client.chat.completions.create(this.body(request), options).asResponse();
    const expectMore = (): void => {
      watchdog.expect(reader.isClosed ? Math.min(CLOSE_GRACE_MS, MODEL_STALL_MS) : MODEL_STALL_MS);
    };
    for await (const frame of readFrames(body, expectMore)) {
      watchdog.pause();
      yield frame;
      expectMore();
    }
  }

  private body({ messages, tools }: ModelRequest): ChatCompletionCreateParamsStreaming {
    const functions = tools.map((tool) => ({ type: 'function' as const, function: { ...tool } }));
    return {
      model: this.name,
      messages: toParams(alternating(messages), this.origin),
      ...(functions.length > 0 && { tools: functions }),
      stream: true,
      stream_options: { include_usage: true },
    };
  }

  private async probe(): Promise<Health> {
    const detail = `${this.name} at ${new URL(this.client.baseURL).host}`;
    try {
      await this.client.models.list({ timeout: CHECK_TIMEOUT_MS });
      return { ok: true, detail };
    } catch (error) {
      // A server without a list of models answers 404: it is there.
      if (error instanceof OpenAI.NotFoundError) return { ok: true, detail };
      return { ok: false, detail: `${detail}: ${toModelError(error).message}` };
    }
  }
}
