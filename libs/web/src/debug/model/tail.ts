/** The end of a long text, and the number of characters before it. */
export interface Tail {
  readonly text: string;
  /** Characters left out. */
  readonly hidden: number;
}

const FENCE = /^ {0,3}(?:`{3,}|~{3,})/gm;

/**
 * The last `most` characters of Markdown, or somewhat more, cut at the start of a paragraph. The cut moves in steps,
 * so that the end of a growing text keeps the same start for a while. A text that cannot be cut is returned whole.
 */
export function tailOf(markdown: string, most: number): Tail {
  if (markdown.length <= most) return { text: markdown, hidden: 0 };
  const step = Math.max(1, Math.floor(most / 2));
  const from = Math.floor((markdown.length - most) / step) * step;
  if (from <= 0) return { text: markdown, hidden: 0 };
  for (let at = markdown.lastIndexOf('\n\n', from - 2); at > 0; at = markdown.lastIndexOf('\n\n', at - 1)) {
    const before = markdown.slice(0, at);
    const isInCode = (before.match(FENCE)?.length ?? 0) % 2 === 1;
    // Indented text belongs to a list item above it.
    if (!isInCode && !/^\s/.test(markdown.slice(at + 2, at + 3)))
      return { text: markdown.slice(at + 2), hidden: at + 2 };
  }
  return { text: markdown, hidden: 0 };
}
