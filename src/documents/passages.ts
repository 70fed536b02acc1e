import { head } from '../common/index.js';

/** A piece of a text with the headings above it. */
export interface TextPassage {
  /** Headings above, outermost first, joined by ` › `. */
  heading?: string;
  text: string;
}

/** Target length of a passage, characters; a passage is never longer. */
export const PASSAGE_CHARS = 1200;

/** A passage shorter than this continues past a blank line. */
const ENOUGH_CHARS = 800;

const HEADING = /^ {0,3}(#{1,6})[ \t]+(\S.*)$/;
const FENCE = /^ {0,3}(```|~~~)/;
const HEADING_CHARS = 120;
/** A word with a hyphen at the end of a line, in the characters that PDF readers produce for it. */
const CUT_WORD = /(?<=\s)[\p{L}\p{M}]{1,60}[-\u00ad\u00ac\u2010\u2011\ufffe][ \t]{0,9}\r?\n$/u;
const CUT_WORD_CHARS = 80;

/**
 * Splits a text at its Markdown headings and paragraphs and, if neither comes in time, at sentences, words or
 * anywhere. Lossless: the joined passages are the text. Linear in its length.
 */
export function splitPassages(text: string): TextPassage[] {
  const splitter = new Splitter();
  for (const line of linesOf(text)) splitter.add(line);
  return splitter.finish();
}

/** Lines with their line endings. */
function* linesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from);
    const next = end === -1 ? text.length : end + 1;
    yield text.slice(from, next);
    from = next;
  }
}

class Splitter {
  private readonly passages: TextPassage[] = [];
  private readonly headings: string[] = [];
  private buffer = '';
  private heading = '';
  private fenced = false;
  /** Whether the buffer contains more than headings and blank lines. */
  private hasBody = false;

  add(line: string): void {
    if (FENCE.test(line)) this.fenced = !this.fenced;
    // A line of a million characters is not a heading; do not run a regular expression on it.
    const match = this.fenced || line.length > PASSAGE_CHARS ? null : HEADING.exec(line.trimEnd());
    if (match?.[1] && match[2]) this.enter(match[1].length, match[2]);
    else if (this.buffer.length >= ENOUGH_CHARS && this.buffer.endsWith('\n\n')) this.flush();
    const isBody = !match && line.trim() !== '';
    for (const piece of pieces(line)) {
      if (this.buffer.length + piece.length > PASSAGE_CHARS) this.flushBefore(piece);
      this.buffer += piece;
      this.hasBody ||= isBody;
    }
  }

  finish(): TextPassage[] {
    this.flush();
    return this.passages;
  }

  private enter(level: number, title: string): void {
    // A heading directly below another one stays with it.
    if (this.hasBody) this.flush();
    this.headings.length = Math.min(this.headings.length, level - 1);
    this.headings[level - 1] = head(title.replace(/\s#+\s*$/, ''), HEADING_CHARS);
    this.heading = this.headings.filter(Boolean).join(' › ');
  }

  /** Ends the passage, but keeps the first half of a word hyphenated at a line end together with its other half. */
  private flushBefore(piece: string): void {
    const half = CUT_WORD.exec(this.buffer.slice(-CUT_WORD_CHARS))?.[0] ?? '';
    if (half.length + piece.length > PASSAGE_CHARS || half.length === this.buffer.length) {
      this.flush();
      return;
    }
    this.buffer = this.buffer.slice(0, this.buffer.length - half.length);
    this.flush();
    this.buffer = half;
    this.hasBody = half !== '';
  }

  private flush(): void {
    if (this.buffer !== '') {
      this.passages.push({ ...(this.heading && { heading: this.heading }), text: this.buffer });
    }
    this.buffer = '';
    this.hasBody = false;
  }
}

/**
 * A line in pieces that fit into a passage, cut after a sentence, else after a word, else anywhere but within a
 * character.
 */
function* pieces(line: string): Generator<string> {
  let from = 0;
  while (line.length - from > PASSAGE_CHARS) {
    const end = from + cutAt(line.slice(from, from + PASSAGE_CHARS));
    yield line.slice(from, end);
    from = end;
  }
  yield line.slice(from);
}

function cutAt(window: string): number {
  const sentence = Math.max(
    ...['. ', '! ', '? ', '。', '！', '？'].map((mark) => window.lastIndexOf(mark) + mark.length),
  );
  if (sentence > ENOUGH_CHARS) return sentence;
  const space = window.lastIndexOf(' ') + 1;
  if (space > ENOUGH_CHARS) return space;
  const last = window.charCodeAt(window.length - 1);
  const isHighSurrogate = last >= 0xd800 && last <= 0xdbff;
  return isHighSurrogate ? window.length - 1 : window.length;
}
