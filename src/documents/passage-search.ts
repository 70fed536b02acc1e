import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter, Types } from 'mongoose';
import type { TenantId } from '../common/index.js';
import { DOCUMENT, PASSAGE, type DocumentRecord, type PassageRecord } from './document.schema.js';
import { rank, spread, type Candidate, type Ranked } from './ranking.js';
import { gramsOf, wordsOf } from './terms.js';

/** What to look for. */
export interface PassageQuery {
  query: string;
  tender_id?: string;
  /** Most passages wanted. */
  limit: number;
}

type Found = Pick<PassageRecord, 'document_id' | 'title' | 'heading' | 'text'>;

const QUERY_CHARS = 2000;
const MOST_WORDS = 32;
const CANDIDATES = 100;
const PER_DOCUMENT = 3;
const SCAN_MS = 2000;

/** Finds passages: candidates from the text index, then our own order among them. */
@Injectable()
export class PassageSearch {
  constructor(
    @InjectModel(DOCUMENT) private readonly documents: Model<DocumentRecord>,
    @InjectModel(PASSAGE) private readonly passages: Model<PassageRecord>,
  ) {}

  /** Passages that fit, best first; empty when none does. Quotes, minus signs and other operators mean nothing. */
  async search(tenant: TenantId, { query, tender_id, limit }: PassageQuery): Promise<Ranked<Candidate>[]> {
    const words = wordsOf(query.slice(0, QUERY_CHARS)).slice(0, MOST_WORDS);
    if (words.length === 0 || limit < 1) return [];
    const where = { tenant_id: tenant, ...(tender_id !== undefined && { tender_id }) };
    const indexed = await this.byIndex(where, words);
    const found = indexed.length > 0 ? indexed : await this.byScan(where, words);
    const candidates = await this.ofReadyDocuments(tenant, found);
    return spread(rank(words.join(' '), candidates), limit, Math.min(PER_DOCUMENT, Math.ceil(limit / 2)));
  }

  private async byIndex(where: QueryFilter<PassageRecord>, words: readonly string[]): Promise<Found[]> {
    const $search = [...new Set([...words, ...gramsOf(words)])].join(' ');
    return this.passages
      .find({ ...where, $text: { $search } }, { grams: 0, relevance: { $meta: 'textScore' } })
      .sort({ relevance: { $meta: 'textScore' } })
      .limit(CANDIDATES)
      .lean();
  }

  /** Words inside other words ("krav" in "miljøkrav"): no index helps, so this reads, but not for long. */
  private async byScan(where: QueryFilter<PassageRecord>, words: readonly string[]): Promise<Found[]> {
    const long = words.filter((word) => word.length >= 4);
    if (long.length === 0) return [];
    // Words hold letters and digits only: nothing in them means something in a regular expression.
    const anyOf = new RegExp(long.join('|'), 'iu');
    const scan = this.passages
      .find({ ...where, text: anyOf }, { grams: 0 })
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
