import { decodeBuffer } from 'encoding-sniffer';
import { isUtf8 } from 'node:buffer';

/** What no text contains. Tabs, line ends, form feeds and escape sequences occur in logs. */
// eslint-disable-next-line no-control-regex -- that is what is looked for
const NO_TEXT = /[\0-\x08\x0e-\x1a\x1c-\x1f]/;
const HTML = /^\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)\b/is;
/** Long enough for a byte order mark: what stands later in a plain text says nothing about its encoding. */
const MARK_BYTES = 4;
const BEGINNING = 2048;

/** Whether a text is a page. */
export function isHtml(text: string): boolean {
  return HTML.test(text.slice(0, BEGINNING));
}

/**
 * The text of a file: as its byte order mark says, or UTF-8, or as a page says of itself, else Windows-1252, which is
 * what older programs of the West wrote. `undefined`: the bytes are no text.
 */
export function decodeText(bytes: Buffer): string | undefined {
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (!isWide && bytes.includes(0)) return undefined;
  const isPage = isHtml(bytes.subarray(0, BEGINNING).toString('latin1'));
  const defaultEncoding = isUtf8(bytes) ? 'utf-8' : 'windows-1252';
  const options = { defaultEncoding, ...(!isPage && { maxBytes: MARK_BYTES }) };
  const text = decoded(bytes, options)
    .replace(/^\uFEFF/, '')
    .toWellFormed();
  return NO_TEXT.test(text) ? undefined : text;
}

function decoded(bytes: Buffer, options: { defaultEncoding: string; maxBytes?: number }): string {
  try {
    return decodeBuffer(bytes, options);
  } catch {
    return bytes.toString('utf8'); // encodings that browsers refuse to decode
  }
}
