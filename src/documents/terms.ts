import { spellings } from '../common/index.js';

/** How well a text answers to a query is a matter of words; this file says what a word is, in any language. */

/** Scripts that write without spaces between the words, or hang their particles on them. */
const UNSPACED = String.raw`[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]`;

/** A run of letters without spaces, or a word. `CSR要件` is one of each. */
const WORD = new RegExp(
  String.raw`[[\p{L}\p{N}\p{M}]&&${UNSPACED}]+|[[\p{L}\p{N}]--${UNSPACED}][[\p{L}\p{N}\p{M}]--${UNSPACED}]*`,
  'gv',
);
const IS_UNSPACED = new RegExp(String.raw`^${UNSPACED}`, 'v');
/** Scripts whose words are a few consonants with an article or a preposition written on to them. */
const SHORT_ROOTS = /^[\p{sc=Arab}\p{sc=Hebr}\p{sc=Syrc}]/u;
const NUMBER = /\p{N}/u;

/** A hyphen in a word, or between its halves on two lines, in the signs that PDF readers leave for it. */
const HYPHEN =
  /[-\u00ad\u00ac\u2010\u2011\ufffe](?<=[\p{L}\p{M}].)(?:[ \t]{0,9}\r?\n[ \t]{0,9})?(?=[\p{L}\p{N}])/gu;

const WORD_CHARS = 60;
const GRAM = 4;
/** Letters of a word whose first three are kept, too. */
const SHORT = 6;
/** Before a word of a title or a heading; no word begins with it. */
const IN_HEADING = '=';
/** In every passage. */
export const EVERY = '=';
const HEADING_SHARE = 0.6;
const FORM_SHARE = 0.4;

/** The words of a text, in order, as they are written. Fold the text first to compare them. */
export function wordsIn(text: string): string[] {
  return text.match(WORD) ?? [];
}

/** A text without hyphens in its words and at its line ends: `email` of "e-mail". The text itself when it has none. */
export function unhyphenated(text: string): string {
  return text.replace(HYPHEN, '');
}

/** Whether a word is perhaps a whole sentence, since its script has no spaces. */
export function isUnspacedWord(word: string): boolean {
  return IS_UNSPACED.test(word);
}

/** Whether a word is a number, a size, an article: another one that begins so is something else. */
export function isNumeric(word: string): boolean {
  return NUMBER.test(word);
}

/** Fewest letters of a word that is looked for inside of others ("krav" in "miljøkrav"). */
export function fewestInside(word: string): number {
  return SHORT_ROOTS.test(word) ? GRAM - 1 : GRAM;
}

/** The beginning that other forms of a word have, too: 60 % of it, since shorter ones make strangers relatives. */
export function stemOf(word: string): string {
  return word.slice(0, Math.max(3, Math.floor(word.length * 0.6)));
}

/** All that a passage can be found by; `above` are its title and headings. {@link lookupsOf} asks for the same. */
export function indexTerms(above: string, text: string): string[] {
  const terms = new Set([EVERY]);
  for (const word of spelledWords(above)) {
    for (const part of isUnspacedWord(word) ? pairs(word) : [clipped(word)]) terms.add(IN_HEADING + part);
    addTerms(terms, word);
  }
  for (const word of spelledWords(text)) addTerms(terms, word);
  return [...terms];
}

/** The words of a text in each of their spellings, also as if no hyphen were in them. */
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

/** A passage with all these terms may hold a word; `share` says how much of the word that is, 0 to 1. */
export interface Lookup {
  terms: readonly string[];
  share: number;
}

/** How a word, folded, is looked for: itself, its other forms and as a part of others, in titles and headings. */
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

/** Neighbouring letters of a run without spaces; none for a single letter. */
export function pairs(word: string): string[] {
  const letters = Array.from(word);
  return letters.slice(1).map((letter, before) => `${letters[before] ?? ''}${letter}`);
}
