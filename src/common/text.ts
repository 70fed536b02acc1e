/** Cuts a text to at most `max` characters, with an ellipsis, never inside a surrogate pair. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text
    .slice(0, max - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}…`;
}

/** True when the text can be stored and sent unchanged: no NUL, no lone surrogate. */
export function isCleanText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** A text that is safe to store and send: lone surrogates become U+FFFD, NULs are removed. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

/** A text as the source of a regular expression in which every character stands for itself. */
export function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
