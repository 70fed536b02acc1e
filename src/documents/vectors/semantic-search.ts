import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, Optional } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { LATE, withTimeout } from '../../common/index.js';
import { EmbeddingModel } from '../../models/index.js';
import { Settings } from '../../platform/config/index.js';
import { Log } from '../../platform/logging/index.js';
import type { Scope } from '../passage-index.js';
import { BestList, type Nearest } from './document-vectors.js';
import { inverseLength, quantise } from './quantised.js';
import { VectorCache } from './vector-cache.js';
import { vectorSpace } from './vector.schema.js';

/** Numbers that are compared before others get their turn: about 1 ms. */
const NUMBERS_AT_ONCE = 1_000_000;
/** What is less than half as similar as the best has another subject. */
const LEAST_SHARE = 0.5;
/** Queries whose vectors are remembered. */
const QUERIES = 200;
const QUERY_CHARS = 2000;
/** Of the time that a search waits, for the vector of its query. */
const MODEL_SHARE = 0.9;

/** What to look for, and where. */
interface Question {
  scope: Scope;
  query: string;
  limit: number;
  model: EmbeddingModel;
}

/** Whether the search by meaning works. */
export interface SemanticState {
  model: string;
  ok: boolean;
  /** Why the last search had to do without it. */
  reason?: string;
}

/** Finds passages by what they mean. Without an embedding model, or without its server, it finds nothing. */
@Injectable()
export class SemanticSearch {
  private readonly log = new Log(SemanticSearch.name);
  private readonly queries = new LRUCache<string, Float32Array>({ max: QUERIES });
  private failure: string | undefined;

  constructor(
    private readonly cache: VectorCache,
    private readonly settings: Settings,
    @Optional() private readonly model?: EmbeddingModel,
  ) {}

  /** Missing if there is no such search. */
  get state(): SemanticState | undefined {
    if (!this.model) return undefined;
    const { failure } = this;
    return {
      model: this.model.name,
      ok: failure === undefined,
      ...(failure !== undefined && { reason: failure }),
    };
  }

  /** The passages that come nearest to a query, best first. Never rejects, and never takes long. */
  async nearest(scope: Scope, query: string, limit: number): Promise<readonly Nearest[]> {
    const { model } = this;
    if (!model) return [];
    const late = new AbortController();
    try {
      const found = await withTimeout(
        this.search({ scope, query: query.slice(0, QUERY_CHARS), limit, model }, late.signal),
        this.settings.EMBEDDINGS_TIMEOUT_MS,
      );
      if (found === LATE) throw new Error('it took too long');
      this.noteSuccess();
      return found;
    } catch (error) {
      this.noteFailure(error);
      return [];
    } finally {
      late.abort();
    }
  }

  private async search(question: Question, signal: AbortSignal): Promise<Nearest[]> {
    const isKnown = this.queries.has(question.query);
    const { list, passages } = await this.compare(question, signal);
    if (passages > 0) return list;
    // The vector may be of a space that was given up since.
    this.queries.delete(question.query);
    return isKnown ? (await this.compare(question, signal)).list : list;
  }

  /** @returns the nearest passages, and how many were compared. */
  private async compare(
    { scope, query, limit, model }: Question,
    signal: AbortSignal,
  ): Promise<{ list: Nearest[]; passages: number }> {
    const vector = await this.vectorOf(query, model, signal);
    const numbers = quantise(vector);
    const inverse = inverseLength(numbers);
    const best = new BestList(limit);
    let [passages, numbersCompared] = [0, 0];
    const space = vectorSpace(model.name, vector.length);
    for await (const block of this.cache.of(scope.tenant_id, space, scope.tender_id)) {
      block.compare(numbers, inverse, best);
      passages += block.passages;
      numbersCompared += block.passages * numbers.length;
      if (numbersCompared < NUMBERS_AT_ONCE) continue;
      numbersCompared = 0;
      await nextTurn();
      signal.throwIfAborted();
    }
    const [first] = best.sorted;
    const least = (first?.similarity ?? 0) * LEAST_SHARE;
    return { list: best.sorted.filter(({ similarity }) => similarity >= least), passages };
  }

  private async vectorOf(query: string, model: EmbeddingModel, signal: AbortSignal): Promise<Float32Array> {
    const known = this.queries.get(query);
    if (known) return known;
    if (!model.circuit.mayAsk) throw new Error(this.failure ?? 'its server has failed too often');
    const timeoutMs = Math.ceil(this.settings.EMBEDDINGS_TIMEOUT_MS * MODEL_SHARE);
    const [vector] = await model.circuit.run(() => model.embed([query], { timeoutMs, signal }));
    if (!vector) throw new Error('there is no vector');
    this.queries.set(query, vector);
    return vector;
  }

  private noteSuccess(): void {
    if (this.failure !== undefined) this.log.info('the search by meaning works again');
    this.failure = undefined;
  }

  /** One line when it begins, however many searches there are. */
  private noteFailure(error: unknown): void {
    const before = this.failure;
    this.failure = error instanceof Error ? error.message : String(error);
    if (before === undefined)
      this.log.warn('the search has words alone: that by meaning failed', { err: error });
  }
}
