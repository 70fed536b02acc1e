/** How well a text answers to a query is a matter of words; this file says what a word is, in any language. */

const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;

/** Scripts that write without spaces between the words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Lengths at which a word's beginning is kept: a few, so that the index stays small. */
const PREFIX_LENGTHS = [3, 4, 6, 8, 10, 13];
const WORD_CHARS = 60;

/** Upper case, accents and compatibility forms do not matter: `Ａ`, `á` and `a` are one. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
}

/** The distinct words of a text, folded, in order. */
export function wordsOf(text: string): string[] {
  const words = fold(text).match(WORD) ?? [];
  return [...new Set(words.map((word) => word.slice(0, WORD_CHARS)))];
}

/**
 * What two forms of a word share: the beginnings of words ("krav" of "kravene"), and for scripts without spaces each
 * pair of neighbouring letters.
 */
export function gramsOf(words: readonly string[]): string[] {
  return [...new Set(words.flatMap((word) => (isUnspacedWord(word) ? pairs(word) : prefixes(word))))];
}

/** Whether a word is perhaps a whole sentence, since its script has no spaces. */
export function isUnspacedWord(word: string): boolean {
  return UNSPACED.test(word);
}

/** Beginnings of at least 60 % of the word: shorter ones would make strangers relatives. */
function prefixes(word: string): string[] {
  const shortest = Math.floor(word.length * 0.6);
  return PREFIX_LENGTHS.filter((length) => length >= shortest && length <= word.length).map((length) =>
    word.slice(0, length).toWellFormed(),
  );
}

function pairs(word: string): string[] {
  const letters = Array.from(word);
  if (letters.length === 1) return letters;
  return letters.slice(1).map((letter, before) => `${letters[before] ?? ''}${letter}`);
}
