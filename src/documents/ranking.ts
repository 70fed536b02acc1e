import type { WeighedWord } from './lookup-plan.js';
import { Term, Wording } from './term.js';

/** A passage that the index found, before it is known how well it fits. */
export interface Candidate {
  document_id: string;
  title: string;
  heading?: string;
  text: string;
}

/** A candidate and how well it fits; comparable only within one search. */
export type Ranked<T> = T & { score: number };

const IN_TITLE = 0.6;
/** What words that stand together in the query and in the passage add, as a share of what they tell. */
const TOGETHER = 0.3;

/** Best first. A word that few passages have says more than one that all have, so "hvad er" hardly counts. */
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

/** Equal scores need an order of their own, or the same question would have different sources each time. */
function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * The best `limit` with at most `perDocument` of one document; places left over are filled with the rest, so that a
 * lone document still gives all it has.
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
