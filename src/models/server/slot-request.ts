import { LATE, withTimeout } from '../../common/index.js';
import type { ModelDelta, ModelError } from '../chat-model.js';
import type { ModelSlots, Slot, SlotResult } from './model-slots.js';

/**
 * One request that needs a slot at a model endpoint: it waits visibly, and reports to the slots how it went.
 */
export class SlotRequest {
  private readonly arrival: number;
  private slot: Slot | undefined;
  private over = false;
  private answering = false;

  /** @param arrival of an earlier attempt at the same request, whose place it keeps. */
  constructor(
    private readonly slots: ModelSlots,
    arrival = slots.arrive(),
  ) {
    this.arrival = arrival;
  }

  /**
   * Resolves when it is this request's turn; meanwhile reports how many are ahead, at once and then every `everyMs`.
   */
  async *wait(signal: AbortSignal, everyMs: number): AsyncGenerator<ModelDelta, void> {
    const mustWait = this.slots.full;
    const taken = this.slots.take(this.arrival, signal).then((slot) => {
      if (this.over) slot.release('other');
      else this.slot = slot;
    });
    taken.catch(() => undefined); // a caller that no longer waits need not hear of it
    if (mustWait) yield* this.sayWhile(taken, everyMs);
    await taken;
  }

  /** The server has started to answer. */
  heard(): void {
    this.answering = true;
  }

  /** The request failed. A server that was silent while it worked on others of ours was overloaded as well. */
  failed({ code, options }: ModelError): void {
    const { overflow, provider, retryable } = options;
    const limited = code === 'model_rate_limited' && retryable && !overflow;
    const overloaded = provider?.status === 503 || provider?.status === 529;
    const starved = code === 'model_timeout' && !this.answering && this.slots.busy > 1;
    this.end(limited || overloaded || starved ? 'busy' : 'other');
  }

  /** Frees the slot for the next request; only the first call counts. */
  end(result: SlotResult): void {
    this.over = true;
    this.slot?.release(result);
  }

  private async *sayWhile(taken: Promise<void>, everyMs: number): AsyncGenerator<ModelDelta, void> {
    const settled = taken.catch(() => undefined);
    for (let said = 0; ;) {
      const ahead = this.slots.ahead(this.arrival);
      if (ahead === undefined) return;
      if (ahead !== said) yield { type: 'status', text: `Waiting for the model: ${ahead} ahead` };
      said = ahead;
      if ((await withTimeout(settled, everyMs)) !== LATE) return;
    }
  }
}
