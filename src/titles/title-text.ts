import { cleanText, clip } from '../common/index.js';

/** A title is a line in a list: longer ones are cut, whatever `TITLE_MAX_CHARS` allows. */
const TITLE_CHARS = 80;

/** What models write before a title. */
const LABEL =
  /^(?:\*\*|__)?(?:title|titel|titre|t[íi]tulo|titolo|otsikko|tytuł|题目|标题|タイトル)\s*[:：](?:\*\*|__)?\s*/iu;
/** Marks of headings, lists and quotations. Not numbers: “2. Weltkrieg” has one. */
const MARKS = /^(?:#{1,6}|[-*+>•])\s+/u;
const PAIRS: readonly (readonly [string, string])[] = [
  ['**', '**'],
  ['__', '__'],
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['„', '“'],
  ['„', '”'],
  ['”', '”'],
  ['‘', '’'],
  ['«', '»'],
  ['»', '«'],
  ['「', '」'],
  ['『', '』'],
  ['《', '》'],
  ['*', '*'],
  ['_', '_'],
];
/** Characters that are not to be seen, and those that change the direction of what follows. */
const UNSEEN = /[\p{Cc}\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu;

/**
 * A title from what a model wrote: its first line of words, as one line of plain text.
 * @param max characters.
 * @returns `undefined` if there is none.
 */
export function titleFrom(written: string, max: number): string | undefined {
  for (const line of cleanText(written).split(/[\r\n\u2028\u2029]+/)) {
    const title = bare(line);
    if (/[\p{L}\p{N}\p{S}]/u.test(title)) return shortened(title, Math.min(max, TITLE_CHARS));
  }
  return undefined;
}

/** One line without the marks around it. */
function bare(line: string): string {
  let text = line.replace(/\s+/g, ' ').replace(UNSEEN, '').trim();
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replace(MARKS, '').replace(LABEL, '');
    for (const [open, close] of PAIRS) text = unwrapped(text, open, close);
    text = text.replace(/(?<![.。])[.。]$/u, '').trim();
  }
  return text;
}

/** Not `"A" and "B"`, whose first mark does not belong to its last. */
function unwrapped(text: string, open: string, close: string): string {
  if (text.length <= open.length + close.length || !text.startsWith(open) || !text.endsWith(close))
    return text;
  const inner = text.slice(open.length, -close.length);
  return inner.includes(open) || inner.includes(close) ? text : inner.trim();
}

/** Cut between words where there are any. */
function shortened(title: string, max: number): string {
  if (title.length <= max) return title;
  const space = title.lastIndexOf(' ', max - 1);
  return space > max / 2 ? `${title.slice(0, space)}…`.slice(0, max) : clip(title, max);
}
