/** A piece of an answer, sorted: what a person reads, or what the model thought before it. */
export interface Piece {
  type: 'text' | 'reasoning';
  text: string;
}

/** Marks between which models put their thinking, where the server does not take it out. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['<reasoning>', '</reasoning>'],
  ['<seed:think>', '</seed:think>'],
  ['[THINK]', '[/THINK]'],
  ['◁think▷', '◁/think▷'],
];
const LONE_CLOSE = '</think>';
/** White space that waits for the word behind it. */
const MAX_HELD_SPACE = 256;

/**
 * Takes the thinking out of a streamed answer. It begins where the answer begins, or with a line (of plain text, not of
 * a code block) that begins with `<think>`. Some chat templates give the opening tag themselves: a closing tag alone is
 * left out, what was shown before it stays. What may still become a tag is held back.
 */
export class ThinkTags {
  private held = '';
  /** The mark that ends the thinking. */
  private closing: string | undefined;
  private nothingYet = true;
  private atLineStart = true;
  private inFence = false;
  private loneTaken = false;
  /** Where the line that was given out began, and the last character of it. */
  private lineHead = '';
  private last = '';

  /** Takes a piece; gives what can be sorted now. */
  push(delta: string): Piece[] {
    this.held += delta;
    return this.sort(false);
  }

  /** The answer has ended: what was held back is no tag. */
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

  private takeThought(closing: string, isLast: boolean): Piece {
    const end = this.held.indexOf(closing);
    if (end < 0)
      return {
        type: 'reasoning',
        text: this.take(isLast ? this.held.length : safeEnd(this.held, [closing])),
      };
    const text = this.take(end);
    this.take(closing.length);
    this.closing = undefined;
    this.atLineStart = true;
    return { type: 'reasoning', text };
  }

  /** One line, or as much of it as is certain. */
  private takeText(isLast: boolean): Piece | undefined {
    if (this.atLineStart) {
      const start = this.held.length - this.held.trimStart().length;
      const rest = this.held.slice(start);
      const opening = this.openings.find(([open]) => rest.startsWith(open));
      if (opening) {
        this.open(start + opening[0].length, opening[1]);
        return;
      }
      const mayOpen = start <= MAX_HELD_SPACE && this.openings.some(([open]) => open.startsWith(rest));
      if (mayOpen && !isLast) return undefined;
    }
    return { type: 'text', text: this.takeLine(isLast) };
  }

  private get openings(): readonly (readonly [string, string])[] {
    if (this.inFence) return [];
    return this.nothingYet ? PAIRS : PAIRS.slice(0, 1);
  }

  private open(length: number, closing: string): void {
    this.take(length);
    this.closing = closing;
  }

  private takeLine(isLast: boolean): string {
    const lone = this.held.indexOf(LONE_CLOSE);
    const line = this.held.indexOf('\n') + 1;
    if (lone >= 0 && (line === 0 || lone < line) && this.isTag(lone)) return this.dropTag(lone);
    const certain = isLast ? this.held.length : safeEnd(this.held, [LONE_CLOSE]);
    const text = this.take(line > 0 ? line : certain);
    this.note(text);
    return text;
  }

  /** In a code block, or right behind a backtick, somebody writes about the tag. */
  private isTag(at: number): boolean {
    const before = at > 0 ? this.held[at - 1] : this.last;
    return !this.loneTaken && !this.inFence && before !== '`';
  }

  private dropTag(at: number): string {
    const text = this.take(at);
    this.take(LONE_CLOSE.length);
    this.note(text);
    this.loneTaken = true;
    this.atLineStart = true;
    return text;
  }

  /** @param text no more than one line. */
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

/** Characters before the end that cannot belong to a mark that is still coming. */
function safeEnd(text: string, marks: readonly string[]): number {
  const longest = Math.max(...marks.map((mark) => mark.length)) - 1;
  for (let at = Math.max(0, text.length - longest); at < text.length; at++) {
    if (marks.some((mark) => mark.startsWith(text.slice(at)))) return at;
  }
  return text.length;
}
