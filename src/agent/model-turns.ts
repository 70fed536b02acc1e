import { Injectable } from '@nestjs/common';
import { Clock, Pause } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { ModelCatalogue, ModelError, type ChatModel } from '../models/index.js';
import { anotherMayAnswer } from './failover.js';
import type { RunEmitter } from './run-emitter.js';
import { TurnAttempts } from './turn-attempts.js';
import type { TurnInput } from './turn-input.js';
import type { AskedTurn } from './turn-receiver.js';

export type { TurnInput } from './turn-input.js';

/**
 * Model turns that survive failing providers: retries at one model, then the next of the chain continues. The only
 * place that retries: adapters and the providers' own clients do not, so that MODEL_RETRIES means what it says and the
 * user sees every wait.
 */
@Injectable()
export class ModelTurns {
  private readonly attempts: TurnAttempts;
  /** The model that answered a run last, by chain: its further turns begin there. */
  private readonly places = new WeakMap<RunEmitter, Map<readonly ChatModel[], number>>();
  private arrivals = 0;

  constructor(
    private readonly models: ModelCatalogue,
    settings: Settings,
    pause: Pause,
    clock: Clock,
  ) {
    this.attempts = new TurnAttempts(settings, pause, clock);
  }

  /** Name of the model that answers unless something else is said. */
  get modelName(): string {
    return this.models.default.name;
  }

  /**
   * One turn; text that was already received is never requested again, whichever model continues.
   * @returns what the model requests.
   * @throws ModelError if no model of the chain answers; the signal's reason when aborted.
   */
  async take(input: TurnInput): Promise<AskedTurn> {
    const chain = input.chain ?? this.models.chain();
    const arrival = ++this.arrivals;
    const places = this.places.get(input.emitter) ?? new Map<readonly ChatModel[], number>();
    this.places.set(input.emitter, places);
    const first = places.get(chain) ?? 0;
    const failed: ModelError[] = [];
    for (let step = 0; ; step++) {
      const place = (first + step) % chain.length;
      const model = chain[place];
      if (!model) throw new Error('The chain of models is empty.');
      try {
        const asked = await this.attempts.take(model, input, arrival);
        places.set(chain, place);
        return asked;
      } catch (error) {
        input.signal.throwIfAborted();
        if (!(error instanceof ModelError)) throw error;
        failed.push(error);
        if (failed.length >= chain.length || !anotherMayAnswer(error)) throw verdict(failed);
        await this.handOn(input, error);
      }
    }
  }

  /** Neutral words: which provider failed, and how, is the operator's business. */
  private async handOn(input: TurnInput, { options: { provider: cause } }: ModelError): Promise<void> {
    await input.output.rationale.flush();
    const text = 'The model is not available. Another one continues.';
    await input.emitter.push({ type: 'status', text, ...(cause && { cause }) });
  }
}

/** What the user is told when no model answered: what may be tried again, if anything may. */
function verdict(failed: readonly ModelError[]): ModelError {
  const last = failed.at(-1);
  const found = last && anotherMayAnswer(last) ? failed.find(({ options }) => options.retryable) : undefined;
  return found ?? last ?? new ModelError('model_unavailable', 'No model answered.', { retryable: true });
}
