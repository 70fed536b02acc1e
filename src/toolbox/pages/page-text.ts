import { decodeBuffer } from 'encoding-sniffer';
import { ToolError } from '../../tools/index.js';

/** What a page is, by its `content-type`. */
export interface PageType {
  kind: 'html' | 'text';
  /** Encoding label of the header. */
  charset: string | undefined;
}

const HTML = /^(text\/html|application\/xhtml\+xml)$/;
const TEXT = /^(text\/.+|application\/(.+\+)?(json|xml|yaml|x-yaml|javascript|x-ndjson|toml))$/;

/** @throws ToolError `unsupported_type` for everything that is no text. */
export function pageType(contentType: string, bytes: Buffer): PageType {
  const [type = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters
    .find((part) => part.startsWith('charset='))
    ?.slice(8)
    .replaceAll(/["']/g, '');
  if (type === '') return { kind: looksLikeHtml(bytes) ? 'html' : textOnly(bytes), charset };
  if (HTML.test(type)) return { kind: 'html', charset };
  if (TEXT.test(type)) return { kind: 'text', charset };
  const known = type === 'application/pdf' ? 'a PDF' : `of type ${type.slice(0, 60)}`;
  throw new ToolError(
    `The page is ${known}, which cannot be read. Look for the same content as a web page.`,
    'unsupported_type',
  );
}

/** Long enough for a byte order mark: what stands later in a plain text says nothing about its encoding. */
const MARK_BYTES = 4;

/** Decodes as browsers do: byte order mark, header, then what the page says of itself, else UTF-8. */
export function pageText(bytes: Buffer, { kind, charset }: PageType): string {
  const options = {
    defaultEncoding: 'utf-8',
    ...(charset !== undefined && { transportLayerEncodingLabel: charset }),
    ...(kind === 'text' && { maxBytes: MARK_BYTES }),
  };
  try {
    return decodeBuffer(bytes, options);
  } catch {
    return bytes.toString('utf8'); // encodings that browsers refuse to decode
  }
}

function looksLikeHtml(bytes: Buffer): boolean {
  return /^\s*<(!doctype html|html|head|body)/i.test(bytes.subarray(0, 512).toString('latin1'));
}

function textOnly(bytes: Buffer): 'text' {
  if (!bytes.includes(0)) return 'text';
  throw new ToolError('The page does not say what it is, and is no text.', 'unsupported_type');
}
