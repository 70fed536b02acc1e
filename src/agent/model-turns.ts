import { Injectable } from '@nestjs/common';
import { Clock } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { backOffMs, Pause } from './back-off.js';
import { CallProgress } from './call-progress.js';
import { ChatModel, ModelError, type ModelMessage, type ModelTool } from './chat-model.js';
import { continueAfter } from './continuation.js';
import type { RunEmitter } from './run-emitter.js';
import { TurnReceiver, type AskedTurn, type TurnOutput } from './turn-receiver.js';

/** What one model turn needs. */
export interface TurnInput {
  messages: readonly ModelMessage[];
  tools: ModelTool[];
  output: TurnOutput;
  emitter: RunEmitter;
  signal: AbortSignal;
}

/** A provider that asks for a longer wait gets none: the run ends and says so. */
const LONGEST_WAIT_MS = 120_000;

/**
 * Model turns that survive a failing provider. The one place that retries: adapters and the providers' own clients do not,
 * so that MODEL_RETRIES means what it says and the user sees every wait.
 */
@Injectable()
export class ModelTurns {
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
   * One turn; text that was already received is never asked for again.
   * @returns what the model asks for.
   * @throws ModelError when retries are used up or useless; the signal's reason when aborted.
   */
  async take(input: TurnInput): Promise<AskedTurn> {
    for (let failures = 1; ; failures++) {
      try {
        return await this.attempt(input);
      } catch (error) {
        input.signal.throwIfAborted();
        const waitMs = this.waitAfter(error, failures);
        if (waitMs === undefined) throw error;
        await this.waitVisibly(input, error as ModelError, waitMs);
      }
    }
  }

  private async attempt({ messages, tools, output, emitter, signal }: TurnInput): Promise<AskedTurn> {
    const receiver = new TurnReceiver(output, new CallProgress(emitter, this.clock));
    const request = { messages: continueAfter(messages, output.text.text), tools };
    for await (const delta of this.model.stream(request, signal)) {
      await receiver.take(delta);
      signal.throwIfAborted();
    }
    signal.throwIfAborted();
    return receiver.end();
  }

  /** Undefined: trying again is not allowed or would not help. */
  private waitAfter(error: unknown, failures: number): number | undefined {
    if (!(error instanceof ModelError) || !error.options.retryable) return undefined;
    const { retryAfterMs } = error.options;
    if (failures > this.settings.MODEL_RETRIES || (retryAfterMs ?? 0) > LONGEST_WAIT_MS) return undefined;
    return backOffMs(failures, retryAfterMs);
  }

  private async waitVisibly(
    { output, emitter, signal }: TurnInput,
    error: ModelError,
    ms: number,
  ): Promise<void> {
    await output.rationale.flush();
    await emitter.push({ type: 'status', text: `${error.message} Retrying in ${Math.ceil(ms / 1000)}s.` });
    await this.pause.wait(ms, signal);
  }
}
