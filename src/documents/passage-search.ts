import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, Types } from 'mongoose';
import { literal, plain, type TenantId } from '../common/index.js';
import { DOCUMENT, PASSAGE, type DocumentRecord, type PassageRecord } from './document.schema.js';
import { PassageIndex, type Scope } from './passage-index.js';
import { planLookups, weighTerms } from './lookup-plan.js';
import { rank, spread, type Candidate, type Ranked } from './ranking.js';
import { wordsIn } from './terms.js';

/** What to look for. */
export interface PassageQuery {
  query: string;
  tender_id?: string;
  /** Maximum number of passages. */
  limit: number;
}

type Found = Pick<PassageRecord, 'document_id' | 'title' | 'heading' | 'text'>;

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
  ) {}

  /**
   * Matching passages, best first; empty if there are none. Quotes, minus signs and other operators have no meaning.
   */
  async search(tenant: TenantId, { query, tender_id, limit }: PassageQuery): Promise<Ranked<Candidate>[]> {
    const words = queryWords(query);
    if (words.length === 0 || limit < 1) return [];
    const scope = { tenant_id: tenant, ...(tender_id !== undefined && { tender_id }) };
    const plan = planLookups(words);
    const { counts, all } = await this.index.count(scope, plan.terms);
    const weighed = weighTerms(plan, counts, all);
    const ids = await this.index.heaviest(scope, weighed.terms, CANDIDATES);
    const found = [...(await this.byIds(ids)), ...(await this.notYetIndexed(scope, words))];
    const candidates = await this.ofReadyDocuments(tenant, found);
    return spread(rank(weighed.words, candidates), limit, Math.min(PER_DOCUMENT, Math.ceil(limit / 2)));
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

  private async ofReadyDocuments(tenant: TenantId, found: readonly Found[]): Promise<Candidate[]> {
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

function toCandidate({ document_id, title, heading, text }: Found): Candidate {
  return {
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
