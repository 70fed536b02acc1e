import { spellings } from '../common/index.js';

/** How well a text matches a query depends on words; this file defines what a word is, in any language. */

/** Scripts that are written without spaces between words, or attach particles to them. */
const UNSPACED = String.raw`[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]`;

/** A run of characters without spaces, or a word. `CSR要件` is one of each. */
const WORD = new RegExp(
  String.raw`[[\p{L}\p{N}\p{M}]&&${UNSPACED}]+|[[\p{L}\p{N}]--${UNSPACED}][[\p{L}\p{N}\p{M}]--${UNSPACED}]*`,
  'gv',
);
const IS_UNSPACED = new RegExp(String.raw`^${UNSPACED}`, 'v');
/** Scripts whose words are a few consonants with an article or a preposition attached. */
const SHORT_ROOTS = /^[\p{sc=Arab}\p{sc=Hebr}\p{sc=Syrc}]/u;
const NUMBER = /\p{N}/u;

/** A hyphen in a word, or between its halves on two lines, in the characters that PDF readers produce for it. */
const HYPHEN =
  /[-\u00ad\u00ac\u2010\u2011\ufffe](?<=[\p{L}\p{M}].)(?:[ \t]{0,9}\r?\n[ \t]{0,9})?(?=[\p{L}\p{N}])/gu;

const WORD_CHARS = 60;
const GRAM = 4;
/** Words with at most this many letters are also indexed by their first three. */
const SHORT = 6;
/** Marks a word of a title or a heading; no word starts with it. */
const IN_HEADING = '=';
/** In every passage. */
export const EVERY = '=';
const HEADING_SHARE = 0.6;
const FORM_SHARE = 0.4;

/** The words of a text, in order, as written. Fold the text first to compare them. */
export function wordsIn(text: string): string[] {
  return text.match(WORD) ?? [];
}

/** A text without the hyphens within words and at line ends: `email` for "e-mail". The text itself if it has none. */
export function unhyphenated(text: string): string {
  return text.replace(HYPHEN, '');
}

/** Whether a word may be a whole sentence, since its script has no spaces. */
export function isUnspacedWord(word: string): boolean {
  return IS_UNSPACED.test(word);
}

/** Whether a word is a number, a size, an article number: another one with the same beginning is something else. */
export function isNumeric(word: string): boolean {
  return NUMBER.test(word);
}

/** Minimum length of a word that is looked up inside others ("krav" in "miljøkrav"). */
export function fewestInside(word: string): number {
  return SHORT_ROOTS.test(word) ? GRAM - 1 : GRAM;
}

/** The beginning that other forms of a word share: 60 % of it, since shorter ones match unrelated words. */
export function stemOf(word: string): string {
  return word.slice(0, Math.max(3, Math.floor(word.length * 0.6)));
}

/**
 * All terms by which a passage can be found; `above` are its title and headings. {@link lookupsOf} is the counterpart.
 */
export function indexTerms(above: string, text: string): string[] {
  const terms = new Set([EVERY]);
  for (const word of spelledWords(above)) {
    for (const part of isUnspacedWord(word) ? pairs(word) : [clipped(word)]) terms.add(IN_HEADING + part);
    addTerms(terms, word);
  }
  for (const word of spelledWords(text)) addTerms(terms, word);
  return [...terms];
}

/** The words of a text in each of their spellings, also without any hyphens. */
function* spelledWords(text: string): Generator<string> {
  for (const written of new Set([text, unhyphenated(text)])) {
    for (const spelling of spellings(written)) yield* wordsIn(spelling);
  }
}

function addTerms(terms: Set<string>, word: string): void {
  if (isUnspacedWord(word)) {
    for (const term of [...word, ...pairs(word)]) terms.add(term);
    return;
  }
  const known = clipped(word);
  if (terms.has(known)) return;
  terms.add(known);
  if (isNumeric(known)) return;
  const size = fewestInside(known);
  if (known.length > 3 && known.length <= SHORT) terms.add(beginningOf(known));
  for (const gram of grams(known, size)) terms.add(gram);
}

/**
 * A passage with all these terms may contain a word; `share` is the fraction of the word that they represent, 0 to 1.
 */
export interface Lookup {
  terms: readonly string[];
  share: number;
}

/** How to look up a folded word: itself, its other forms and as a part of others, in titles and headings. */
export function lookupsOf(word: string): Lookup[] {
  if (isUnspacedWord(word)) return lookupsOfRun(word);
  const known = clipped(word);
  const size = fewestInside(known);
  const lookups = [
    { terms: [known], share: 1 },
    { terms: [IN_HEADING + known], share: HEADING_SHARE },
  ];
  if (isNumeric(known) || known.length < size) return lookups;
  const stem = stemOf(known);
  lookups.push({ terms: grams(stem.length < size ? known.slice(0, size) : stem, size), share: FORM_SHARE });
  if (known.length <= SHORT && size > 3) lookups.push({ terms: [beginningOf(known)], share: FORM_SHARE });
  return lookups;
}

function lookupsOfRun(run: string): Lookup[] {
  const parts = pairs(run);
  if (parts.length === 0) return [{ terms: [run], share: 1 }];
  return parts.flatMap((pair) => [
    { terms: [pair], share: 1 / parts.length },
    { terms: [IN_HEADING + pair], share: HEADING_SHARE / parts.length },
  ]);
}

function clipped(word: string): string {
  return word.slice(0, WORD_CHARS).toWellFormed();
}

/** Short words change at their end: "цена" and "цены". */
function beginningOf(word: string): string {
  return word.slice(0, 3).toWellFormed();
}

function grams(word: string, size: number): string[] {
  const found: string[] = [];
  for (let at = 0; at + size <= word.length; at++) found.push(word.slice(at, at + size).toWellFormed());
  return found;
}

/** Pairs of consecutive characters in a run without spaces; none for a single character. */
export function pairs(word: string): string[] {
  const letters = Array.from(word);
  return letters.slice(1).map((letter, before) => `${letters[before] ?? ''}${letter}`);
}
