import type { Settings } from '../../platform/config/index.js';
import {
  ChatModel,
  ModelError,
  type ContextWindow,
  type ModelDelta,
  type ModelRequest,
  type ModelUsage,
} from '../chat-model.js';
import { estimateRequestTokens } from '../tokens.js';
import { ServerCircuit } from './circuit.js';
import type { ModelEndpoint } from './model-endpoint.js';
import { broken } from './provider-errors.js';
import { withProviderCause } from './provider-failure.js';
import { readFrames, type Frame } from './response-frames.js';
import { SlotRequest } from './slot-request.js';
import { hasImages } from './images.js';
import { leftOut, OPTIONAL_PARTS, type OptionalPart } from './unsupported.js';
import { Watchdog } from './watchdog.js';
import type { WatchedFetch } from './watched-fetch.js';

type Health = Awaited<ReturnType<ChatModel['check']>>;

/** Time that a server gets to close the response after it has said that the answer is complete. */
const CLOSE_GRACE_MS = 1000;
/**
 * What follows a finish reason, mainly usage, arrives at once; a server that then neither ends nor closes is not
 * waited for.
 */
const FINISH_GRACE_MS = 5000;

/** Parts of a request that are left out. */
export type Parts = ReadonlySet<OptionalPart>;

/** Turns the frames of one response into deltas. */
export interface AnswerReader {
  /** True once the server has said how the answer ended: what happens to the connection no longer matters. */
  readonly isFinished: boolean;
  /** True once nothing more can arrive but the end of the connection. */
  readonly isClosed: boolean;
  /** Tokens reported so far, which are billed even if the answer breaks. */
  readonly spent: ModelUsage | undefined;
  /** What can be shown at once. @throws ModelError for a failure that the provider reports. */
  read(frame: Frame): Iterable<ModelDelta>;
  /** What is known only at the end; `undefined` if the stream ended without saying so. */
  end(): readonly ModelDelta[] | undefined;
}

/** How to send one request. */
export interface SendOptions {
  watched: WatchedFetch;
  signal: AbortSignal;
  /** For the client, which must not give up before the watchdog does. */
  timeout: number;
}

/**
 * A model behind HTTP, whatever its API: waiting for a slot, leaving out what its server does not accept, watching for
 * silence, reading the answer, naming failures. An adapter adds how to write the request and how to read the frames.
 */
export abstract class ServedModel<Body> extends ChatModel {
  override readonly circuit: ServerCircuit;

  constructor(
    protected readonly settings: Settings,
    protected readonly endpoint: ModelEndpoint,
  ) {
    super();
    const { MODEL_CIRCUIT_FAILURES: failures, MODEL_CIRCUIT_MS: openMs } = settings;
    this.circuit = new ServerCircuit({ failures, openMs });
  }

  override get name(): string {
    return this.endpoint.options.model;
  }

  override get server(): string {
    return this.endpoint.host;
  }

  /** The request as the server expects it. */
  protected abstract body(request: ModelRequest, without: Parts): Body;
  protected abstract reader(request: ModelRequest): AnswerReader;
  /** Sends it through the provider's client. @returns the response, unread. */
  protected abstract send(body: Body, options: SendOptions): Promise<Response>;

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
    if (known.has('tools') && !memory.decided('tools') && request.tools.length > 0) yield leftOut('tools');
    // Whoever has sent a picture wants to know, also if a setting has decided.
    if (known.has('images') && hasImages(request)) yield leftOut('images');
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
        yield leftOut(part);
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
    const reader = this.reader(request);
    const body = this.body(request, without);
    const alive = (): void => {
      watchdog.alive();
    };
    const { traceparent } = request;
    const watched = this.endpoint.request(alive, traceparent === undefined ? {} : { traceparent });
    let failure: ModelError | undefined;
    try {
      for await (const frame of this.frames(body, { watchdog, reader, watched })) yield* reader.read(frame);
    } catch (error) {
      signal.throwIfAborted();
      if (!reader.isFinished)
        failure = this.failure(watchdog.signal.aborted ? watchdog.signal.reason : error, watched);
    } finally {
      watchdog.stop();
    }
    signal.throwIfAborted();
    const rest = failure === undefined ? reader.end() : undefined;
    if (rest) return yield* rest;
    if (reader.spent) yield { type: 'usage', usage: reader.spent };
    throw failure ?? broken();
  }

  private failure(error: unknown, { refusal }: WatchedFetch): ModelError {
    const { errors, secrets } = this.endpoint.options;
    return withProviderCause(errors.from(error), { errors, refusal, secrets });
  }

  private async *frames(
    body: Body,
    { watchdog, reader, watched }: { watchdog: Watchdog; reader: AnswerReader; watched: WatchedFetch },
  ): AsyncIterable<Frame> {
    const { MODEL_TIMEOUT_MS, MODEL_STALL_MS } = this.settings;
    watchdog.expect(MODEL_TIMEOUT_MS);
    // The client's own timeout is only for the headers; ours covers them and fires first.
    const options = { watched, signal: watchdog.signal, timeout: MODEL_TIMEOUT_MS + 1000 };
    const response = await this.send(body, options);
    // The clients' own stream readers fail on much that real servers send, or lose it.
    for await (const frame of readFrames(response.body)) {
      watchdog.pause();
      yield frame;
      if (reader.isClosed) watchdog.expectEnd(Math.min(CLOSE_GRACE_MS, MODEL_STALL_MS));
      else if (reader.isFinished) watchdog.expect(Math.min(FINISH_GRACE_MS, MODEL_STALL_MS));
      else watchdog.expect(MODEL_STALL_MS);
    }
  }
}
