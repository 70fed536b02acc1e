import { clip, redactSecrets, type Clock, type Pause } from '../../common/index.js';
import type { Settings } from '../../platform/config/index.js';
import { Log } from '../../platform/logging/index.js';
import { traceHeaders } from '../../platform/telemetry/index.js';
import {
  estimateTokens,
  ModelError,
  type ChatModel,
  type ContextWindow,
  type ModelDelta,
} from '../../models/index.js';
import { backOffMs } from './back-off.js';
import { CallProgress } from './call-progress.js';
import { continueAfter } from './continuation.js';
import type { RunEmitter } from '../run-emitter.js';
import { RunFailure } from '../loop/run-failure.js';
import { TurnFit } from './turn-fit.js';
import type { TurnInput } from './turn-input.js';
import { TurnReceiver, type AskedTurn } from './turn-receiver.js';
import type { ModelWatch } from '../watch/model-watch.js';
import { aboutRun } from '../watch/run-about.js';

/** If a provider asks for a longer wait, it is not asked again. */
const LONGEST_WAIT_MS = 120_000;

/** A turn at one model: the request fitted to its window, with retries. */
export class TurnAttempts {
  private readonly log = new Log(TurnAttempts.name);
  /** What a run was told already: each sentence only once. */
  private readonly told = new WeakMap<RunEmitter, Set<string>>();

  constructor(
    private readonly settings: Settings,
    private readonly pause: Pause,
    private readonly clock: Clock,
    private readonly watch: ModelWatch,
  ) {}

  /**
   * Asks one model until it has answered; text that was already received, from whichever model, is never requested
   * again.
   * @param place its arrival among the requests that wait, and whether there is another model to ask.
   * @returns what the model requests.
   * @throws ModelError if retries are used up or useless; the signal's reason when aborted.
   */
  async take(model: ChatModel, input: TurnInput, { arrival, isLast }: Place): Promise<AskedTurn> {
    const { messages, tools, signal } = input;
    const fit = new TurnFit({ messages, tools, results: this.settings.TOOL_RESULTS_MAX_TOKENS });
    for (let failures = 1; ;) {
      try {
        const attempt = (): Promise<AskedTurn> => this.attempt({ model, input, fit, arrival });
        return await (model.circuit?.run(attempt) ?? attempt());
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ModelError)) throw error;
        this.note(error, model, input);
        if (error.options.overflow) await this.shorten({ model, input, fit }, error);
        else if (!isLast && model.circuit?.mayAsk === false) throw error;
        else await this.waitAfter(input, error, failures++);
      }
    }
  }

  /** Tells the user something: what happens only once in a run, only once. */
  async tell({ emitter, output }: TurnInput, { text, once = false, left_out }: Told): Promise<void> {
    const told = this.told.get(emitter) ?? new Set();
    if (once && told.has(text)) return;
    this.told.set(emitter, told.add(text));
    await output.rationale.flush();
    await emitter.push({ type: 'status', text, ...(left_out !== undefined && { left_out }) });
  }

  private async attempt({ model, input, fit, arrival }: Attempt & { arrival: number }): Promise<AskedTurn> {
    const { tools, sampling, parallel_tool_calls, output, emitter, signal } = input;
    const context = await model.context();
    const { text: partial } = output.text;
    const fitted = fit.next(context, estimateTokens(partial));
    if (context.tokens !== undefined && fit.isShortened) await this.tell(input, shortened(context));
    const receiver = new TurnReceiver(output, new CallProgress(emitter, this.clock), model);
    const messages = continueAfter(fitted, partial);
    const watched = this.watch.begin(model, input, messages);
    const trace = traceHeaders(watched?.span.context);
    const request = { messages, tools, sampling, parallel_tool_calls, arrival, ...trace };
    const at = this.clock.now();
    output.sent.send({ model: model.ref, messages, kept: partial.length, room: fit.limit, at });
    try {
      for await (const delta of model.stream(request, signal)) {
        watched?.hear(delta);
        if (delta.type === 'status') await this.tell(input, delta);
        else await receiver.take(delta);
        signal.throwIfAborted();
      }
      signal.throwIfAborted();
      const asked = await receiver.end();
      output.sent.end(this.clock.now() - at);
      watched?.end();
      return asked;
    } catch (error) {
      output.sent.end(this.clock.now() - at, codeOf(error));
      watched?.end(error);
      throw error;
    }
  }

  /** @throws ModelError if there is nothing smaller to send. */
  private async shorten({ model, input, fit }: Attempt, error: ModelError): Promise<void> {
    const context = await model.context();
    if (!fit.shrink(context)) throw tooLong(error, context);
    await this.tell(input, shortened(context));
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

  /** The provider's own message appears nowhere else, because it may contain secrets: clients only get ours. */
  private note(error: ModelError, model: ChatModel, { run }: TurnInput): void {
    const { provider, cause } = error.options;
    this.log.warn('a model request failed', {
      ...aboutRun(run),
      model: model.name,
      code: error.code,
      error: error.message,
      ...(provider && { provider }),
      ...(cause instanceof Error && { reason: clip(redactSecrets(deepest(cause).message), 500) }),
    });
  }
}

/** Where a request stands. */
export interface Place {
  /** Number of its arrival, which it keeps when it is repeated. */
  arrival: number;
  /** There is no other model to ask. */
  isLast: boolean;
}

/** What a user is told while they wait. */
type Told = Pick<Extract<ModelDelta, { type: 'status' }>, 'text' | 'once' | 'left_out'>;

interface Attempt {
  model: ChatModel;
  input: TurnInput;
  fit: TurnFit;
}

/** Why a request failed, for the record of the turn. */
function codeOf(error: unknown): string {
  if (error instanceof ModelError) return error.code;
  return error instanceof RunFailure ? error.fields.code : 'abandoned';
}

function deepest(error: Error): Error {
  let at = error;
  while (at.cause instanceof Error && at.cause !== at) at = at.cause;
  return at;
}

function shortened(context: ContextWindow): Told {
  const text = `The conversation is longer than the model's context window${sized(context)}: continuing with less of it.`;
  return { text, once: true };
}

function tooLong(error: ModelError, context: ContextWindow): ModelError {
  const message = `The message is too long for the model: together with the instructions and tools it does not fit the context window${sized(context)}. Send a shorter message, or choose a model with a larger window.`;
  return new ModelError('model_rejected', message, error.options);
}

const sized = ({ tokens, isGuess }: ContextWindow): string =>
  tokens === undefined || isGuess ? '' : ` (${tokens} tokens)`;
