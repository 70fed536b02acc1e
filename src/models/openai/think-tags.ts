import { ThinkMark } from './think-mark.js';

/** A piece of an answer, classified: text for the reader, or the model's thinking before it. */
export interface Piece {
  type: 'text' | 'reasoning';
  text: string;
}

/** Marks between which models put their thinking, if the server does not extract it. */
const PAIRS: readonly (readonly [opening: ThinkMark, closing: ThinkMark])[] = (
  [
    ['<think>', '</think>'],
    ['<thinking>', '</thinking>'],
    ['<thought>', '</thought>'],
    ['<reasoning>', '</reasoning>'],
    ['<seed:think>', '</seed:think>'],
    ['[THINK]', '[/THINK]'],
    ['◁think▷', '◁/think▷'],
  ] as const
).map(([opening, closing]) => [ThinkMark.opening(opening), ThinkMark.closing(closing)]);
const LONE_CLOSE = ThinkMark.closing('</think>');
/** White space that waits for the word after it. */
const MAX_HELD_SPACE = 256;

/**
 * Extracts the thinking from a streamed answer. It starts where the answer starts, or with a line (of plain text, not
 * of a code block) that starts with `<think>`. Some chat templates supply the opening tag themselves: a lone closing
 * tag is dropped, and the text shown before it stays. What may still become a tag is held back.
 */
export class ThinkTags {
  private held = '';
  /** The mark that ends the thinking. */
  private closing: ThinkMark | undefined;
  private nothingYet = true;
  private atLineStart = true;
  private inFence = false;
  private loneTaken = false;
  /** Where the current output line started, and its last character. */
  private lineHead = '';
  private last = '';

  /** Takes a piece; returns what can be classified now. */
  push(delta: string): Piece[] {
    this.held += delta;
    return this.sort(false);
  }

  /** The answer has ended: what was held back is not a tag. */
  flush(): Piece[] {
    return this.sort(true);
  }

  private sort(isLast: boolean): Piece[] {
    const pieces: Piece[] = [];
    for (let went = true; went && this.held !== '';) {
      const before = this.held.length;
      const piece =
        this.closing === undefined ? this.takeText(isLast) : this.takeThought(this.closing, isLast);
      if (piece && piece.text !== '') pieces.push(piece);
      went = this.held.length < before;
    }
    return pieces;
  }

  private takeThought(closing: ThinkMark, isLast: boolean): Piece {
    const end = closing.find(this.held);
    if (!end)
      return { type: 'reasoning', text: this.take(isLast ? this.held.length : closing.safeEnd(this.held)) };
    const text = this.take(end.at);
    this.take(end.length);
    this.closing = undefined;
    this.atLineStart = true;
    return { type: 'reasoning', text };
  }

  /** One line, or as much of it as is certain. */
  private takeText(isLast: boolean): Piece | undefined {
    if (this.atLineStart) {
      const start = this.held.length - this.held.trimStart().length;
      const rest = this.held.slice(start);
      for (const [opening, closing] of this.openings) {
        const found = opening.find(rest);
        if (found?.at !== 0) continue;
        this.take(start + found.length);
        this.closing = closing;
        return;
      }
      const mayOpen = start <= MAX_HELD_SPACE && this.openings.some(([open]) => open.safeEnd(rest) === 0);
      if (mayOpen && !isLast) return undefined;
    }
    return { type: 'text', text: this.takeLine(isLast) };
  }

  private get openings(): typeof PAIRS {
    if (this.inFence) return [];
    return this.nothingYet ? PAIRS : PAIRS.slice(0, 1);
  }

  private takeLine(isLast: boolean): string {
    const lone = LONE_CLOSE.find(this.held);
    const line = this.held.indexOf('\n') + 1;
    if (lone && (line === 0 || lone.at < line) && this.isTag(lone.at)) return this.dropTag(lone);
    const certain = isLast ? this.held.length : LONE_CLOSE.safeEnd(this.held);
    const text = this.take(line > 0 ? line : certain);
    this.note(text);
    return text;
  }

  /** In a code block, or right after a backtick, the text is about the tag. */
  private isTag(at: number): boolean {
    const before = at > 0 ? this.held[at - 1] : this.last;
    return !this.loneTaken && !this.inFence && before !== '`';
  }

  private dropTag({ at, length }: { at: number; length: number }): string {
    const text = this.take(at);
    this.take(length);
    this.note(text);
    this.loneTaken = true;
    this.atLineStart = true;
    return text;
  }

  /** @param text at most one line. */
  private note(text: string): void {
    if (text === '') return;
    if (text.trim() !== '') this.nothingYet = false;
    this.last = text.slice(-1);
    if (this.lineHead.length < MAX_HELD_SPACE) this.lineHead += text;
    this.atLineStart = text.endsWith('\n') || (this.atLineStart && text.trim() === '');
    if (!text.endsWith('\n')) return;
    if (/^\s*(?:```|~~~)/.test(this.lineHead)) this.inFence = !this.inFence;
    this.lineHead = '';
  }

  private take(length: number): string {
    const text = this.held.slice(0, length);
    this.held = this.held.slice(length);
    return text;
  }
}
