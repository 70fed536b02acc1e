/** The first `max` UTF-16 code units of a text, or one less, so that no surrogate pair is split. */
export function head(text: string, max: number): string {
  return text.length <= max ? text : splitHalf(text.slice(0, Math.max(0, max)))[0];
}

/** The last `max` UTF-16 code units of a text, or one less, so that no surrogate pair is split. */
export function tail(text: string, max: number): string {
  return text.length <= max
    ? text
    : text.slice(text.length - Math.max(0, max)).replace(/^[\uDC00-\uDFFF]/, '');
}

/** Splits off a high surrogate at the end. When text arrives in chunks, the next chunk may start with the low one. */
export function splitHalf(text: string): [whole: string, half: string] {
  const end = /[\uD800-\uDBFF]$/.test(text) ? text.length - 1 : text.length;
  return [text.slice(0, end), text.slice(end)];
}

/** Cuts a text to at most `max` characters, with an ellipsis. */
export function clip(text: string, max: number): string {
  return text.length <= max ? text : `${head(text, max - 1).toWellFormed()}…`;
}

/** Cuts a text after `max` characters, with a mark that tells models and people that something is missing. */
export function clipWithMark(text: string, max: number): string {
  return text.length <= max ? text : `${head(text, max)}\n[… the rest was left out: too long]`;
}

/** True when the text can be stored and sent unchanged: no NUL, no lone surrogate. */
export function isCleanText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** A text that is safe to store and send: lone surrogates become U+FFFD, NULs are removed. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

/** Copies a value with {@link cleanText} applied to every string in it, but not to keys. Recurses: not for untrusted JSON. */
export function cleanTexts<T>(value: T): T {
  if (typeof value === 'string') return cleanText(value) as T;
  if (Array.isArray(value)) return value.map(cleanTexts) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, cleanTexts<unknown>(inner)]),
  ) as T;
}

/** A text as the source of a regular expression in which every character stands for itself. */
export function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
