/** What an answer can refer to. */
export interface Named {
  /** Of a document, or an address. */
  readonly id: string;
  readonly title: string;
}

/**
 * The same documents: first those the answer cites (by id, or by a title that is set off: quoted, in brackets, in bold
 * or in code), then those whose whole title is among its words, then all others. Each group in the order of the
 * answer, the last one in its original order.
 */
export function inOrderOfNaming<T extends Named>(documents: readonly T[], answer: string): T[] {
  const text = comparable(answer);
  const ranked = documents.map((document) => ({ document, at: placeOf(document, text) }));
  return ranked.sort((a, b) => a.at - b.at).map(({ document }) => document);
}

/** Smaller is earlier in the list. A title may consist of ordinary words, so matches only affect the order. */
function placeOf({ id, title }: Named, answer: string): number {
  const cited = [answer.indexOf(comparable(id)), search(answer, titlePattern(title, true))];
  const first = Math.min(...cited.filter((at) => at >= 0));
  if (Number.isFinite(first)) return first;
  const named = search(answer, titlePattern(title, false));
  return answer.length + (named >= 0 ? named : answer.length) + 1;
}

function search(text: string, pattern: RegExp | null): number {
  return pattern ? text.search(pattern) : -1;
}

const OPENING = '[*_`"\'“„‚‘«‹「『《\\[(]';
const CLOSING = '[*_`"\'”“’‘»›」』》\\]),:;,]';
/** Scripts without spaces between words: a title may appear anywhere. */
const UNSPACED =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}';
const LETTER = `(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}_])`;

/**
 * The whole title, not a part of longer words; in a citation with marks around it. `null`: a title without characters.
 */
function titlePattern(title: string, isCited: boolean): RegExp | null {
  const plain = comparable(title);
  if (plain === '') return null;
  const words = plain.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  const before = isCited ? `(?<=${OPENING})` : `(?<!${LETTER})`;
  const after = isCited ? `(?=${CLOSING})` : `(?!${LETTER})`;
  return new RegExp(`${before}${words}${after}`, 'u');
}

/**
 * One case, one form of each letter, single spaces; without the backslashes that Markdown needs before punctuation.
 */
function comparable(text: string): string {
  return text
    .normalize('NFC')
    .replace(/\\([\p{P}\p{S}])/gu, '$1')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}
