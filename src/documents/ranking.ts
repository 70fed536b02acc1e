import type { WeighedWord } from './lookup-plan.js';
import { Term, Wording } from './term.js';

/** A passage that the index found, before its relevance is known. */
export interface Candidate {
  document_id: string;
  title: string;
  heading?: string;
  text: string;
}

/** A candidate and its score; comparable only within one search. */
export type Ranked<T> = T & { score: number };

const IN_TITLE = 0.6;
/** What words that are adjacent in both query and passage add, as a fraction of their weight. */
const TOGETHER = 0.3;

/** Best first. A word in few passages counts more than one in all, so "hvad er" hardly counts. */
export function rank<T extends Candidate>(
  words: readonly WeighedWord[],
  candidates: readonly T[],
): Ranked<T>[] {
  const terms = words.map(({ word, weight }) => ({ term: new Term(word), weight }));
  const scored = candidates.map((candidate) => ({ ...candidate, score: scoreOf(terms, candidate) }));
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || byText(`${a.title} ${a.text}`, `${b.title} ${b.text}`));
}

function scoreOf(
  terms: readonly { term: Term; weight: number }[],
  { title, heading, text }: Candidate,
): number {
  const body = new Wording(text);
  const above = new Wording(`${title} ${heading ?? ''}`);
  let score = 0;
  for (const [i, { term, weight }] of terms.entries()) {
    score += weight * (term.strengthIn(body) + IN_TITLE * term.strengthIn(above));
    const next = terms[i + 1];
    if (next && (term.isBefore(next.term, body) || term.isBefore(next.term, above)))
      score += TOGETHER * (weight + next.weight);
  }
  return Math.round(score * 1000) / 1000;
}

/** How much the order within the first places counts, in reciprocal rank fusion. */
const FUSION_K = 60;

/**
 * One order of several: the sum of 1 / (60 + place) in each. What is high in one of them is high in the result, and what
 * is in several is higher. The scores of different searches cannot be compared, but places can.
 */
export function fuse<T extends Candidate & { passage: string }>(
  orders: readonly (readonly T[])[],
): Ranked<T>[] {
  const fused = new Map<string, Ranked<T>>();
  for (const order of orders)
    for (const [place, one] of order.entries()) {
      const before = fused.get(one.passage)?.score ?? 0;
      fused.set(one.passage, { ...one, score: before + 1 / (FUSION_K + place + 1) });
    }
  return [...fused.values()]
    .map((one) => ({ ...one, score: Math.round(one.score * 1e6) / 1e6 }))
    .sort((a, b) => b.score - a.score || byText(`${a.title} ${a.text}`, `${b.title} ${b.text}`));
}

/** Equal scores need a fixed order, or the same question would have different sources each time. */
function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * The best `limit` with at most `perDocument` of one document; remaining places are filled with the rest, so that a
 * lone document can still fill all of them.
 */
export function spread<T extends { document_id: string }>(
  ranked: readonly T[],
  limit: number,
  perDocument: number,
): T[] {
  const taken = new Map<string, number>();
  const first: T[] = [];
  const rest: T[] = [];
  for (const passage of ranked) {
    const count = taken.get(passage.document_id) ?? 0;
    taken.set(passage.document_id, count + 1);
    (count < perDocument ? first : rest).push(passage);
  }
  return [...first, ...rest].slice(0, limit);
}
