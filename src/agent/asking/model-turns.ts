import { Injectable } from '@nestjs/common';
import { Clock, Pause } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { ModelCatalogue, ModelError, type ChatModel, type Cost } from '../../models/index.js';
import { anotherMayAnswer } from './failover.js';
import type { RunEmitter } from '../run-emitter.js';
import { ModelWatch } from '../watch/model-watch.js';
import { TurnAttempts } from './turn-attempts.js';
import type { TurnInput } from './turn-input.js';
import type { AskedTurn } from './turn-receiver.js';
import type { UsageSum } from '../usage-sum.js';

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
  private readonly places = new WeakMap<RunEmitter, Map<readonly ChatModel[], ChatModel>>();
  private arrivals = 0;

  constructor(
    private readonly models: ModelCatalogue,
    settings: Settings,
    pause: Pause,
    clock: Clock,
    watch: ModelWatch,
  ) {
    this.attempts = new TurnAttempts(settings, pause, clock, watch);
  }

  /** Name of the model that answers unless something else is said. */
  get modelName(): string {
    return this.models.default.name;
  }

  /** What a run has cost so far; `undefined` unless every model it asked has a price. */
  costOf(usage: UsageSum): Cost | undefined {
    return usage.isAttributed ? this.models.prices.costOf(usage.byModel) : undefined;
  }

  /**
   * One turn; text that was already received is never requested again, whichever model continues.
   * @returns what the model requests.
   * @throws ModelError if no model of the chain answers; the signal's reason when aborted.
   */
  async take(input: TurnInput): Promise<AskedTurn> {
    const chain = input.chain ?? this.models.chain();
    const arrival = ++this.arrivals;
    const waiting = this.inOrder(input.emitter, chain);
    const failed: ModelError[] = [];
    for (;;) {
      // A model that failed often is passed over, unless there is no other one.
      const next = waiting.find(({ circuit }) => circuit?.mayAsk !== false) ?? waiting[0];
      if (!next) throw verdict(failed);
      waiting.splice(waiting.indexOf(next), 1);
      try {
        if (failed.length > 0) await this.handOn(input, failed);
        const asked = await this.attempts.take(next, input, { arrival, isLast: waiting.length === 0 });
        this.places.get(input.emitter)?.set(chain, next);
        return asked;
      } catch (error) {
        input.signal.throwIfAborted();
        if (!(error instanceof ModelError)) throw error;
        failed.push(error);
        if (!anotherMayAnswer(error)) throw error;
      }
    }
  }

  /** The models to ask, beginning with the one that answered this run last. */
  private inOrder(emitter: RunEmitter, chain: readonly ChatModel[]): ChatModel[] {
    const places = this.places.get(emitter) ?? new Map<readonly ChatModel[], ChatModel>();
    this.places.set(emitter, places);
    const last = places.get(chain);
    const first = last ? chain.indexOf(last) : 0;
    return [...chain.slice(first), ...chain.slice(0, first)];
  }

  /** Neutral words: which provider failed, and how, is the operator's business. */
  private async handOn(input: TurnInput, failed: readonly ModelError[]): Promise<void> {
    const cause = failed.at(-1)?.options.provider;
    await input.output.rationale.flush();
    const text = 'The model is not available. Another one continues.';
    await input.emitter.push({ type: 'status', text, ...(cause && { cause }) });
  }
}

/** What the user is told when no model answered: what may be tried again, if anything may. */
function verdict(failed: readonly ModelError[]): ModelError {
  const found = failed.find(({ options }) => options.retryable) ?? failed.at(-1);
  return found ?? new ModelError('model_unavailable', 'There is no model to ask.', { retryable: false });
}
