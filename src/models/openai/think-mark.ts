/** White space or attributes of a tag; anything longer is not a tag. */
const INSIDE_OPENING = String.raw`(?:\s[^<>[\]]{0,200})?`;
const INSIDE_CLOSING = String.raw`\s{0,20}`;

/** A mark in streamed text, `<think>` or another, case-insensitive. */
export class ThinkMark {
  private readonly whole: RegExp;
  private readonly begun: RegExp;

  private constructor(mark: string, inside: string) {
    const [last = '', ...stem] = [...mark].reverse().map(escaped);
    this.whole = new RegExp(stem.toReversed().join('') + inside + last, 'i');
    // Each letter of the mark may be the last one that has arrived.
    const rest = stem.reduce((behind, letter) => `${letter}(?:${behind})?`, inside);
    this.begun = new RegExp(`${rest}$`, 'i');
  }

  /** A mark that may have attributes, like `<think effort="high">`. */
  static opening(mark: string): ThinkMark {
    return new ThinkMark(mark, INSIDE_OPENING);
  }

  /** A mark that may have white space before its end. */
  static closing(mark: string): ThinkMark {
    return new ThinkMark(mark, INSIDE_CLOSING);
  }

  /** Position and length of the first such mark in the text. */
  find(text: string): { at: number; length: number } | undefined {
    const match = this.whole.exec(text);
    return match ? { at: match.index, length: match[0].length } : undefined;
  }

  /** Characters before the end that cannot belong to a mark that is still arriving. */
  safeEnd(text: string): number {
    return this.begun.exec(text)?.index ?? text.length;
  }
}

function escaped(letter: string): string {
  return /[[\]/]/.test(letter) ? `\\${letter}` : letter;
}
