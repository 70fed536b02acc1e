import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import { literal, plain, type TenantId } from '../common/index.js';
import { DOCUMENT, PASSAGE, type DocumentRecord, type PassageRecord } from './document.schema.js';
import { PassageIndex, type Scope } from './passage-index.js';
import { planLookups, weighTerms } from './lookup-plan.js';
import { fuse, rank, spread, type Candidate, type Ranked } from './ranking.js';
import { wordsIn } from './terms.js';
import type { Nearest } from './vectors/document-vectors.js';
import { SemanticSearch } from './vectors/semantic-search.js';

/** What to look for. */
export interface PassageQuery {
  query: string;
  tender_id?: string;
  /** Maximum number of passages. */
  limit: number;
}

type Found = Pick<PassageRecord, '_id' | 'document_id' | 'title' | 'heading' | 'text'>;
/** With the id of the passage, which the result does not have. */
type Passage = Candidate & { passage: string };

const QUERY_CHARS = 2000;
const MOST_WORDS = 32;
const CANDIDATES = 60;
const PER_DOCUMENT = 3;
const SCAN_MS = 2000;

/** Finds passages: candidates from the term index, then our own ranking. */
@Injectable()
export class PassageSearch {
  constructor(
    @InjectModel(DOCUMENT) private readonly documents: Model<DocumentRecord>,
    @InjectModel(PASSAGE) private readonly passages: Model<PassageRecord>,
    private readonly index: PassageIndex,
    private readonly semantic: SemanticSearch,
  ) {}

  /**
   * Matching passages, best first; empty if there are none. Quotes, minus signs and other operators have no meaning.
   * Where the search by meaning finds something, its order and that by words count the same.
   */
  async search(tenant: TenantId, { query, tender_id, limit }: PassageQuery): Promise<Ranked<Candidate>[]> {
    const words = queryWords(query);
    if (words.length === 0 || limit < 1) return [];
    const scope = { tenant_id: tenant, ...(tender_id !== undefined && { tender_id }) };
    const [byWords, near] = await Promise.all([
      this.byWords(scope, words),
      this.semantic.nearest(scope, query, CANDIDATES),
    ]);
    const ranked =
      near.length === 0 ? byWords : fuse([byWords, await this.passagesOf(tenant, near, byWords)]);
    const best = spread(ranked, limit, Math.min(PER_DOCUMENT, Math.ceil(limit / 2)));
    return best.map(({ passage: _id, ...result }) => result);
  }

  private async byWords(scope: Scope, words: readonly string[]): Promise<Ranked<Passage>[]> {
    const plan = planLookups(words);
    const { counts, all } = await this.index.count(scope, plan.terms);
    const weighed = weighTerms(plan, counts, all);
    const ids = await this.index.heaviest(scope, weighed.terms, CANDIDATES);
    const found = [...(await this.byIds(ids)), ...(await this.notYetIndexed(scope, words))];
    return rank(weighed.words, await this.ofReadyDocuments(scope.tenant_id, found));
  }

  /** The nearest passages in their order, as far as they still exist. @param known those that need not be read. */
  private async passagesOf(
    tenant: TenantId,
    near: readonly Nearest[],
    known: readonly Passage[],
  ): Promise<Passage[]> {
    const passages = new Map(known.map((one) => [one.passage, one]));
    const missing = near.filter(({ passage }) => !passages.has(passage));
    const found = await this.byIds(missing.map(({ passage }) => new Types.ObjectId(passage)));
    for (const one of await this.ofReadyDocuments(tenant, found)) passages.set(one.passage, one);
    return near.flatMap(({ passage }) => passages.get(passage) ?? []);
  }

  private async byIds(ids: readonly Types.ObjectId[]): Promise<Found[]> {
    return this.passages.find({ _id: { $in: ids } }, { terms: 0 }).lean<Found[]>();
  }

  /**
   * Passages of an earlier version that {@link SearchUpgrade} has not reached yet: this reads them, but not for long.
   */
  private async notYetIndexed(scope: Scope, words: readonly string[]): Promise<Found[]> {
    const telling = words.map((word) => literal(word));
    if (telling.length === 0) return [];
    const scan = this.passages
      .find({ ...scope, terms: null, text: new RegExp(telling.join('|'), 'iu') })
      .limit(CANDIDATES)
      .maxTimeMS(SCAN_MS);
    return scan.lean<Found[]>().catch((error: unknown) => {
      if (isOutOfTime(error)) return [];
      throw error;
    });
  }

  private async ofReadyDocuments(tenant: string, found: readonly Found[]): Promise<Passage[]> {
    const ids = [
      ...new Map(found.map(({ document_id }) => [document_id.toHexString(), document_id])).values(),
    ];
    const ready = await this.documents
      .find({ _id: { $in: ids }, tenant_id: tenant, ready: true }, { _id: 1 })
      .lean<{ _id: Types.ObjectId }[]>();
    const known = new Set(ready.map(({ _id }) => _id.toHexString()));
    return found.map(toCandidate).filter(({ document_id }) => known.has(document_id));
  }
}

/** The distinct words of a query as typed, in order; a hostile query is cut. */
function queryWords(query: string): string[] {
  const words = wordsIn(plain(query.slice(0, QUERY_CHARS)));
  return [...new Set(words)].slice(0, MOST_WORDS);
}

function toCandidate({ _id, document_id, title, heading, text }: Found): Passage {
  return {
    passage: _id.toHexString(),
    document_id: document_id.toHexString(),
    title,
    ...(heading !== undefined && { heading }),
    text: text.trim(),
  };
}

const MAX_TIME_MS_EXPIRED = 50;

function isOutOfTime(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === MAX_TIME_MS_EXPIRED;
}
