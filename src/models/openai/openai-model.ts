import type OpenAI from 'openai';
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import type { Clock } from '../../common/index.js';
import type { Settings } from '../../platform/config/index.js';
import {
  ChatModel,
  ModelError,
  type ContextWindow,
  type ModelDelta,
  type ModelRequest,
} from '../chat-model.js';
import { estimateRequestTokens } from '../tokens.js';
import { alternating } from './alternating.js';
import { ChunkReader } from './chunk-reader.js';
import { ModelEndpoint } from './model-endpoint.js';
import { explain, leaveOut } from './leave-out.js';
import { broken, toModelError } from './openai-errors.js';
import { toParams } from './openai-messages.js';
import { withProviderCause } from './provider-failure.js';
import { readFrames, type Frame } from '../server/response-frames.js';
import { SlotRequest } from '../server/slot-request.js';
import { OPTIONAL_PARTS, type OptionalPart } from './unsupported.js';
import { Watchdog } from '../server/watchdog.js';
import type { WatchedFetch } from '../server/watched-fetch.js';

type Health = Awaited<ReturnType<ChatModel['check']>>;
/** Time that a server gets to close the response after it has said that the answer is complete. */
const CLOSE_GRACE_MS = 1000;
/**
 * What follows a finish reason, mainly usage, arrives at once; a server that then neither ends nor closes is not
 * waited for.
 */
const FINISH_GRACE_MS = 5000;

type Parts = ReadonlySet<OptionalPart>;

/** Any endpoint that speaks OpenAI's Chat Completions: OpenAI, Ollama, vLLM, OpenRouter and others. */
export class OpenAiModel extends ChatModel {
  override readonly name: string;
  private readonly endpoint: ModelEndpoint;

  constructor(
    private readonly settings: Settings,
    clock: Clock,
    model: string = settings.OPENAI_MODEL,
  ) {
    super();
    this.name = model;
    this.endpoint = new ModelEndpoint({ ...settings, OPENAI_MODEL: model }, clock);
  }

  override get ref(): string {
    return `openai:${this.name}`;
  }

  override async *stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelDelta> {
    const slot = new SlotRequest(this.endpoint.slots, request.arrival);
    try {
      yield* slot.wait(signal, this.settings.TOOL_STATUS_MS);
      for await (const delta of this.answer(request, signal)) {
        slot.heard();
        yield delta;
      }
      slot.end('done');
    } catch (error) {
      if (error instanceof ModelError) {
        slot.failed(error);
        await this.endpoint.refusedAsTooLong(error, estimateRequestTokens(request));
      }
      throw error;
    } finally {
      slot.end('other');
    }
  }

  override check(): Promise<Health> {
    return this.endpoint.check();
  }

  override context(): Promise<ContextWindow> {
    return this.endpoint.context();
  }

  override learn(): Promise<void> {
    return this.endpoint.learn();
  }

  /** Sends the request, and retries without what the server turns out not to accept. */
  private async *answer(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelDelta> {
    const { memory } = this.endpoint;
    const known = memory.leftOut;
    const refused = new Set<OptionalPart>();
    if (known.has('tools') && !memory.decided('tools') && request.tools.length > 0)
      yield { type: 'status', text: explain('tools'), once: true };
    for (let begun = false; ;) {
      try {
        for await (const delta of this.attempt(request, new Set([...known, ...refused]), signal)) {
          if (!begun) memory.remember(refused);
          begun = true;
          yield delta;
        }
        return;
      } catch (error) {
        const part = error instanceof ModelError && !begun ? this.canLeaveOut(error) : undefined;
        if (part === undefined || known.has(part) || refused.has(part)) throw error;
        refused.add(part);
        yield { type: 'status', text: explain(part), once: true };
      }
    }
  }

  private canLeaveOut({ options }: ModelError): OptionalPart | undefined {
    const part = OPTIONAL_PARTS.find((known) => known === options.unsupported);
    return part !== undefined && !this.endpoint.memory.decided(part) ? part : undefined;
  }

  private async *attempt(
    request: ModelRequest,
    without: Parts,
    signal: AbortSignal,
  ): AsyncIterable<ModelDelta> {
    signal.throwIfAborted();
    const watchdog = new Watchdog(signal);
    const reader = new ChunkReader(
      this.origin,
      request.tools.map(({ name }) => name),
    );
    const body = leaveOut(this.body(request), without);
    const { client, watched } = this.endpoint.request(() => {
      watchdog.alive();
    });
    try {
      for await (const frame of this.frames(client, body, { watchdog, reader })) yield* reader.read(frame);
    } catch (error) {
      signal.throwIfAborted();
      if (!reader.isFinished)
        throw this.failure(watchdog.signal.aborted ? watchdog.signal.reason : error, watched);
    } finally {
      watchdog.stop();
    }
    signal.throwIfAborted();
    const rest = reader.end();
    if (!rest) throw broken();
    yield* rest;
  }

  private failure(error: unknown, { refusal }: WatchedFetch): ModelError {
    return withProviderCause(toModelError(error), refusal, this.endpoint.secrets);
  }

  /** The origin whose signatures and thinking may be sent back. */
  private get origin(): string {
    return `${this.name}@${this.endpoint.host}`;
  }

  private async *frames(
    client: OpenAI,
    request: ChatCompletionCreateParamsStreaming,
    { watchdog, reader }: { watchdog: Watchdog; reader: ChunkReader },
  ): AsyncIterable<Frame> {
    const { MODEL_TIMEOUT_MS, MODEL_STALL_MS } = this.settings;
    watchdog.expect(MODEL_TIMEOUT_MS);
    // The client's own timeout is only for the headers; ours covers them and fires first.
    const options = { signal: watchdog.signal, timeout: MODEL_TIMEOUT_MS + 1000 };
    // The client's own stream reader throws on much that real servers send.
    const { body } = await client.chat.completions.create(request, options).asResponse();
    for await (const frame of readFrames(body)) {
      watchdog.pause();
      yield frame;
      if (reader.isClosed) watchdog.expectEnd(Math.min(CLOSE_GRACE_MS, MODEL_STALL_MS));
      else if (reader.isFinished) watchdog.expect(Math.min(FINISH_GRACE_MS, MODEL_STALL_MS));
      else watchdog.expect(MODEL_STALL_MS);
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
}
