import { spellings } from '../common/index.js';
import { COMMON, type WeightedTerm } from './passage-index.js';
import { lookupsOf, type Lookup } from './terms.js';

/** Sets of terms for each word of a query, and all their terms. */
export interface LookupPlan {
  words: readonly { word: string; lookups: readonly Lookup[] }[];
  terms: readonly string[];
}

/**
 * A word of the query as typed, and how much it discriminates: 0.05 for one that is everywhere, about 8 for a rare
 * one.
 */
export interface WeighedWord {
  word: string;
  weight: number;
}

/** The maximum number of terms to look up, whatever the query. */
const MOST_TERMS = 96;
/** The maximum number of index entries that choosing candidates may read. */
const BUDGET = 8000;

/** What to look up in the index. The words as typed, see `plain`; all of them come before their other forms. */
export function planLookups(words: readonly string[]): LookupPlan {
  const terms = new Set<string>();
  const planned = words.map((word) => ({ word, lookups: [] as Lookup[] }));
  const wanted = planned.flatMap(({ word, lookups }) =>
    spellings(word).flatMap((form) => lookupsOf(form).map((lookup) => ({ lookup, lookups }))),
  );
  for (const { lookup, lookups } of wanted.sort((a, b) => b.lookup.share - a.lookup.share)) {
    if (terms.size + lookup.terms.length > MOST_TERMS) continue;
    for (const term of lookup.terms) terms.add(term);
    lookups.push(lookup);
  }
  return { words: planned, terms: [...terms] };
}

/**
 * How much each word discriminates, and the terms for choosing candidates: the rarest of each set, rarest first, as
 * many as the budget allows.
 */
export function weighTerms(
  { words }: LookupPlan,
  counts: ReadonlyMap<string, number>,
  all: number,
): { words: WeighedWord[]; terms: WeightedTerm[] } {
  const gains = new Map<string, number>();
  const weighed = words.map(({ word, lookups }) => {
    const rarest = lookups.map(({ terms, share }) => ({ ...rarestOf(terms, counts), share }));
    for (const { term, count, share } of rarest) {
      if (count > 0) gains.set(term, Math.max(gains.get(term) ?? 0, share * rarity(count, all)));
    }
    const having = Math.min(...rarest.map(({ count }) => count).filter((count) => count > 0), all);
    return { word, weight: rarity(having, all) };
  });
  return { words: weighed, terms: affordable(gains, counts) };
}

function rarestOf(
  terms: readonly string[],
  counts: ReadonlyMap<string, number>,
): { term: string; count: number } {
  const counted = terms.map((term) => ({ term, count: counts.get(term) ?? 0 }));
  return counted.reduce((a, b) => (b.count < a.count ? b : a));
}

function affordable(gains: ReadonlyMap<string, number>, counts: ReadonlyMap<string, number>): WeightedTerm[] {
  const byCount = [...gains].sort(([a], [b]) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0));
  let spent = 0;
  const chosen = byCount.filter(([term]) => (spent += counts.get(term) ?? 0) <= BUDGET);
  return chosen.map(([term, weight]) => ({ term, weight }));
}

/** Inverse document frequency, as in BM25: always above 0. */
function rarity(having: number, all: number): number {
  if (having >= COMMON) return 0.05;
  return Math.log(1 + (Math.max(all, having) - having + 0.5) / (having + 0.5)) + 0.05;
}
