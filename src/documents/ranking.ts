import { gramsOf, isUnspacedWord, wordsOf } from './terms.js';

/** A passage that the index found, before it is known how well it fits. */
export interface Candidate {
  document_id: string;
  title: string;
  heading?: string;
  text: string;
}

/** A candidate and how well it fits; comparable only within one search. */
export type Ranked<T> = T & { score: number };

/** A word found in another form counts for less than the word itself. */
const OTHER_FORM = 0.5;
const IN_TITLE = 0.6;

/** Best first. A word that few candidates have says more than one that all have, so "hvad er" hardly counts. */
export function rank<T extends Candidate>(query: string, candidates: readonly T[]): Ranked<T>[] {
  const terms = wordsOf(query).map((word) => new Term(word));
  const matches = candidates.map((candidate) => matchesOf(terms, candidate));
  const weights = terms.map((_, term) =>
    rarity(matches.filter((match) => (match[term] ?? 0) > 0).length, matches.length),
  );
  const sum = (match: readonly number[]): number =>
    match.reduce((total, strength, term) => total + strength * (weights[term] ?? 0), 0);
  return candidates
    .map((candidate, i) => ({ ...candidate, score: Math.round(sum(matches[i] ?? []) * 1000) / 1000 }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || byText(`${a.title} ${a.text}`, `${b.title} ${b.text}`));
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

/** How strongly each term is in the passage, 0 to 1.6. */
function matchesOf(terms: readonly Term[], { title, heading, text }: Candidate): number[] {
  const body = padded(text);
  const above = padded(`${title} ${heading ?? ''}`);
  return terms.map((term) => term.strengthIn(body) + IN_TITLE * term.strengthIn(above));
}

/** Inverse document frequency over the candidates, as BM25 has it: always above 0. */
function rarity(having: number, all: number): number {
  return Math.log(1 + (all - having + 0.5) / (having + 0.5)) + 0.05;
}

/** A word that was asked for, and the beginnings or pairs of letters it may show in. */
class Term {
  private readonly grams: string[];

  constructor(private readonly word: string) {
    this.grams = gramsOf([word]);
  }

  /** 1 for the word itself, less for another form of it or a part of a compound, 0 for neither. `words`: ` a b c `. */
  strengthIn(words: string): number {
    if (words.includes(` ${this.word} `)) return 1;
    const isUnspaced = isUnspacedWord(this.word);
    const shared = this.grams.filter((gram) => words.includes(isUnspaced ? gram : ` ${gram}`)).length;
    if (shared > 0) return (OTHER_FORM * (1 + shared / this.grams.length)) / 2;
    return this.word.length >= 4 && words.includes(this.word) ? OTHER_FORM / 2 : 0;
  }
}

function padded(text: string): string {
  return ` ${wordsOf(text).join(' ')} `;
}
