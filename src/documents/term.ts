import { fold, plain, spellings } from '../common/index.js';
import { fewestInside, isNumeric, isUnspacedWord, pairs, stemOf, unhyphenated, wordsIn } from './terms.js';

/** A word in another spelling, including accents, counts slightly less than the word itself. */
const OTHER_SPELLING = 0.9;
/** A word in another form, or inside another word, counts less. */
const OTHER_FORM = 0.5;
/** The length of a common beginning that is not a coincidence, and the length of a word's ending. */
const LONG_BEGINNING = 7;
const MOST_ENDING = 3;
/** The length of a part of a compound that leaves no doubt. */
const SURE_PART = 10;

/** A text in the forms in which words are looked up in it: each is ` a b c `. */
export class Wording {
  readonly folded: string;
  /** The folded words, also spelled out and without hyphens. */
  readonly all: string;
  private asWritten: string | undefined;

  constructor(private readonly text: string) {
    const [folded = '', ...others] = spellings(text);
    const words = wordsIn(folded);
    this.folded = ` ${words.join(' ')} `;
    const whole = unhyphenated(text);
    if (whole !== text) others.push(...spellings(whole));
    this.all = others.length === 0 ? this.folded : this.folded + added(words, others);
  }

  /** As written. Needed for few texts, so it is computed on demand. */
  get exact(): string {
    this.asWritten ??= padded(plain(this.text));
    return this.asWritten;
  }
}

/** A word of the query. */
export class Term {
  private readonly forms: readonly string[];
  private readonly folded: string;

  /** @param word as typed, see `plain` */
  constructor(private readonly word: string) {
    this.forms = spellings(word);
    this.folded = fold(word);
  }

  /** 1 for the word as typed, less for another spelling or form of it or a part of a compound, 0 for none of these. */
  strengthIn(wording: Wording): number {
    const strength = Math.max(...this.forms.map((form) => strengthOf(form, wording.all)));
    if (strength === 0) return 0;
    if (isUnspacedWord(this.word)) return Math.max(strength, partOfRun(this.word, wording.exact));
    return strength === OTHER_SPELLING && wording.exact.includes(` ${this.word} `) ? 1 : strength;
  }

  /** Whether the word and the next one are adjacent. */
  isBefore(next: Term, { folded }: Wording): boolean {
    return folded.includes(` ${this.folded} ${next.folded} `);
  }
}

function strengthOf(form: string, words: string): number {
  if (words.includes(` ${form} `)) return OTHER_SPELLING;
  if (isUnspacedWord(form)) return OTHER_SPELLING * partOfRun(form, words);
  if (isNumeric(form)) return 0;
  return (form.length >= 3 && otherForm(form, words)) || partOfCompound(form, words);
}

/**
 * The longer the common beginning, the more certain. A short beginning says little about a word that continues for
 * long: "strand" is not a form of "straßenbeleuchtung".
 */
function otherForm(form: string, words: string): number {
  for (let length = form.length; length >= stemOf(form).length; length--) {
    if (beginsWord(form.slice(0, length), words, mostMore(length, form))) {
      return (OTHER_FORM * (1 + length / form.length)) / 2;
    }
  }
  return 0;
}

/** How many letters may follow the first `length` of a word in another form of it. */
function mostMore(length: number, { length: all }: string): number {
  if (length >= LONG_BEGINNING || (length === all && all > 3)) return Infinity;
  return length === 3 && all > 5 ? 0 : MOST_ENDING;
}

/** Whether a word starts with this and continues for at most `more` letters. */
function beginsWord(beginning: string, words: string, more: number): boolean {
  const from = ` ${beginning}`;
  for (let at = words.indexOf(from); at !== -1; at = words.indexOf(from, at + 1)) {
    const end = at + from.length;
    if (more === Infinity || words.indexOf(' ', end) - end <= more) return true;
  }
  return false;
}

function partOfCompound(form: string, words: string): number {
  if (form.length < fewestInside(form) || !words.includes(form)) return 0;
  return (OTHER_FORM * Math.min(SURE_PART, form.length)) / SURE_PART;
}

/** Without spaces the start of a word is unknown: consecutive characters that are together in the text count. */
function partOfRun(run: string, words: string): number {
  if (words.includes(run)) return run.length > 1 ? 1 : OTHER_FORM;
  const parts = pairs(run);
  const shared = parts.filter((pair) => words.includes(pair)).length;
  return shared === 0 ? 0 : (OTHER_FORM * (1 + shared / parts.length)) / 2;
}

/** The words of a text's other spellings that the first spelling does not have. */
function added(words: readonly string[], others: readonly string[]): string {
  const known = new Set(words);
  const more = others.flatMap(wordsIn).filter((word) => !known.has(word));
  return ` ${[...new Set(more)].join(' ')} `;
}

function padded(text: string): string {
  return ` ${wordsIn(text).join(' ')} `;
}
