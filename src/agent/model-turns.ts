import { Injectable } from '@nestjs/common';
import { Clock, clip, Pause, redactSecrets } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { Log } from '../platform/logging/index.js';
import { backOffMs } from './back-off.js';
import { CallProgress } from './call-progress.js';
import {
  ChatModel,
  ModelError,
  type ContextWindow,
  type ModelMessage,
  type ModelTool,
} from '../models/index.js';
import { continueAfter } from './continuation.js';
import type { RunEmitter } from './run-emitter.js';
import { estimateTokens } from '../models/index.js';
import { TurnFit } from './turn-fit.js';
import { TurnReceiver, type AskedTurn, type TurnOutput } from './turn-receiver.js';

/** What one model turn needs. */
export interface TurnInput {
  messages: readonly ModelMessage[];
  tools: ModelTool[];
  output: TurnOutput;
  emitter: RunEmitter;
  /** The run's message, for the log. */
  run: { message_id: string; chat_id: string };
  signal: AbortSignal;
}

/** If a provider asks for a longer wait, the run ends and says so. */
const LONGEST_WAIT_MS = 120_000;

/**
 * Model turns that survive a failing provider. The only place that retries: adapters and the providers' own clients do
 * not, so that MODEL_RETRIES means what it says and the user sees every wait.
 */
@Injectable()
export class ModelTurns {
  private readonly log = new Log(ModelTurns.name);
  /** What a run was told already: each sentence only once. */
  private readonly told = new WeakMap<RunEmitter, Set<string>>();
  private arrivals = 0;

  constructor(
    private readonly model: ChatModel,
    private readonly settings: Settings,
    private readonly pause: Pause,
    private readonly clock: Clock,
  ) {}

  /** Name of the model, for the `end` event. */
  get modelName(): string {
    return this.model.name;
  }

  /**
   * One turn; text that was already received is never requested again.
   * @returns what the model requests.
   * @throws ModelError if retries are used up or useless; the signal's reason when aborted.
   */
  async take(input: TurnInput): Promise<AskedTurn> {
    const { messages, tools, signal } = input;
    const arrival = ++this.arrivals;
    const fit = new TurnFit({ messages, tools, results: this.settings.TOOL_RESULTS_MAX_TOKENS });
    for (let failures = 1; ;) {
      try {
        return await this.attempt(input, fit, arrival);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ModelError)) throw error;
        this.note(error, input);
        if (error.options.overflow) await this.shorten(input, fit, error);
        else await this.waitAfter(input, error, failures++);
      }
    }
  }

  private async attempt(input: TurnInput, fit: TurnFit, arrival: number): Promise<AskedTurn> {
    const { tools, output, emitter, signal } = input;
    const context = await this.model.context();
    const { text: partial } = output.text;
    const fitted = fit.next(context, estimateTokens(partial));
    if (context.tokens !== undefined && fit.isShortened) await this.tell(input, leftOut(context), true);
    const receiver = new TurnReceiver(output, new CallProgress(emitter, this.clock));
    const request = { messages: continueAfter(fitted, partial), tools, arrival };
    for await (const delta of this.model.stream(request, signal)) {
      if (delta.type === 'status') await this.tell(input, delta.text, delta.once);
      else await receiver.take(delta);
      signal.throwIfAborted();
    }
    signal.throwIfAborted();
    return receiver.end();
  }

  /** @throws ModelError if there is nothing smaller to send. */
  private async shorten(input: TurnInput, fit: TurnFit, error: ModelError): Promise<void> {
    const context = await this.model.context();
    if (!fit.shrink(context)) throw tooLong(error, context);
    await this.tell(input, leftOut(context), true);
  }

  /** @throws ModelError if a retry is not allowed or would not help. */
  private async waitAfter(input: TurnInput, error: ModelError, failures: number): Promise<void> {
    const { retryable, final, retryAfterMs = 0, provider: cause } = error.options;
    if (!retryable || final || failures > this.settings.MODEL_RETRIES || retryAfterMs > LONGEST_WAIT_MS)
      throw error;
    const ms = backOffMs(failures, retryAfterMs);
    const text = `${error.message} Retrying in ${Math.ceil(ms / 1000)}s.`;
    await input.output.rationale.flush();
    await input.emitter.push({ type: 'status', text, ...(cause && { cause }) });
    await this.pause.wait(ms, input.signal);
  }

  private async tell({ emitter, output }: TurnInput, text: string, once = false): Promise<void> {
    const told = this.told.get(emitter) ?? new Set();
    if (once && told.has(text)) return;
    this.told.set(emitter, told.add(text));
    await output.rationale.flush();
    await emitter.push({ type: 'status', text });
  }

  /** The provider's own message appears nowhere else, because it may contain secrets: clients only get ours. */
  private note(error: ModelError, { run }: TurnInput): void {
    const { provider, cause } = error.options;
    this.log.warn('a model request failed', {
      message_id: run.message_id,
      chat_id: run.chat_id,
      model: this.model.name,
      code: error.code,
      error: error.message,
      ...(provider && { provider }),
      ...(cause instanceof Error && { reason: clip(redactSecrets(deepest(cause).message), 500) }),
    });
  }
}

function deepest(error: Error): Error {
  let at = error;
  while (at.cause instanceof Error && at.cause !== at) at = at.cause;
  return at;
}

function leftOut(context: ContextWindow): string {
  return `The conversation is longer than the model's context window${sized(context)}: continuing with less of it.`;
}

function tooLong(error: ModelError, context: ContextWindow): ModelError {
  const message = `The message is too long for the model: together with the instructions and tools it does not fit the context window${sized(context)}. Send a shorter message, or choose a model with a larger window.`;
  return new ModelError('model_rejected', message, error.options);
}

const sized = ({ tokens, isGuess }: ContextWindow): string =>
  tokens === undefined || isGuess ? '' : ` (${tokens} tokens)`;
