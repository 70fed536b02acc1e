import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, PipelineStage, Types } from 'mongoose';
import { PASSAGE, type PassageRecord } from './document.schema.js';
import { EVERY } from './terms.js';

/** Whose passages to look at, and of which tender. */
export interface Scope {
  tenant_id: string;
  tender_id?: string;
}

/** A term of the index, and the weight it adds to a passage. */
export interface WeightedTerm {
  term: string;
  weight: number;
}

/** A term in more passages than this does not discriminate; counting stops here. */
export const COMMON = 1000;

type Branch = [PipelineStage.Match, ...PipelineStage[]];

/** Queries the term index. The index alone answers every query, at a cost bounded by the number of terms. */
@Injectable()
export class PassageIndex {
  constructor(@InjectModel(PASSAGE) private readonly passages: Model<PassageRecord>) {}

  /** In how many passages each term occurs, and how many there are; neither counts beyond {@link COMMON}. */
  async count(scope: Scope, terms: readonly string[]): Promise<{ counts: Map<string, number>; all: number }> {
    const branches = [EVERY, ...terms].map((term, of): Branch => [
      { $match: { ...scope, terms: term } },
      { $limit: COMMON },
      { $count: 'n' },
      { $set: { of } },
    ]);
    const rows = await this.union<{ n: number; of: number }>(branches);
    const found = new Map(rows.map(({ of, n }) => [of, n]));
    return { counts: new Map(terms.map((term, i) => [term, found.get(i + 1) ?? 0])), all: found.get(0) ?? 0 };
  }

  /** The passages with the highest weight, at most `limit`. */
  async heaviest(scope: Scope, terms: readonly WeightedTerm[], limit: number): Promise<Types.ObjectId[]> {
    if (terms.length === 0) return [];
    const branches = terms.map(({ term, weight }): Branch => [
      { $match: { ...scope, terms: term } },
      { $limit: COMMON },
      { $project: { _id: 1, weight: { $literal: weight } } },
    ]);
    const rows = await this.union<{ _id: Types.ObjectId }>(branches, [
      { $group: { _id: '$_id', weight: { $sum: '$weight' } } },
      { $sort: { weight: -1, _id: 1 } },
      { $limit: limit },
      { $project: { _id: 1 } },
    ]);
    return rows.map(({ _id }) => _id);
  }

  private async union<T>(branches: readonly Branch[], rest: PipelineStage[] = []): Promise<T[]> {
    const [first = [], ...others] = branches;
    const coll = this.passages.collection.name;
    const unions = others.map((pipeline) => ({ $unionWith: { coll, pipeline } }) as PipelineStage.UnionWith);
    return this.passages.aggregate<T>([...first, ...unions, ...rest]);
  }
}
