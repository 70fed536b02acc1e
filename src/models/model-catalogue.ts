import type { ChatModel } from './chat-model.js';
import { PriceTable } from './prices/price-table.js';

/** The models of this deployment. The same name is always the same object: what it has learned about its server is shared. */
export class ModelCatalogue {
  private readonly models = new Map<string, ChatModel>();
  private readonly chains = new Map<string, readonly ChatModel[]>();

  /**
   * @param make a model by its `provider:model`; throws ModelRefError if there is no such model.
   * @param defaults the chain for agents that name no models.
   * @param prices what models cost.
   */
  constructor(
    private readonly make: (ref: string) => ChatModel,
    private readonly defaults: readonly string[],
    readonly prices = new PriceTable(),
  ) {}

  /** A catalogue of these models alone, which are its default chain. */
  static of(...models: ChatModel[]): ModelCatalogue {
    const byRef = new Map(models.map((model) => [model.ref, model]));
    const make = (ref: string): ChatModel => {
      const model = byRef.get(ref);
      if (!model) throw new Error(`No model "${ref}"`);
      return model;
    };
    return new ModelCatalogue(make, [...byRef.keys()]);
  }

  /** The model that answers unless something else is said. */
  get default(): ChatModel {
    return this.model(this.defaults[0] ?? '');
  }

  /** Every model that was asked for so far. */
  get all(): ChatModel[] {
    this.chain();
    return [...this.models.values()];
  }

  /**
   * The models to ask, in this order. The same list always gives the same array.
   * @param refs `provider:model`; default: the deployment's.
   * @throws ModelRefError for an unknown provider, or one without a key.
   */
  chain(refs: readonly string[] = this.defaults): readonly ChatModel[] {
    const key = JSON.stringify(refs);
    const chain = this.chains.get(key) ?? [...new Set(refs)].map((ref) => this.model(ref));
    this.chains.set(key, chain);
    return chain;
  }

  private model(ref: string): ChatModel {
    const model = this.models.get(ref) ?? this.make(ref);
    this.models.set(ref, model);
    return model;
  }
}
