import { Unreadable, type OnProgress } from './reading.js';

const MOST_BYTES = 100_000_000;
const PDF_MAGIC = '%PDF-';

/** The text of a file: the pages of a PDF, the characters of anything else. @throws Unreadable. */
export async function readFile(file: File, onProgress: OnProgress): Promise<string> {
  if (file.size === 0) throw new Unreadable('The file is empty.');
  if (file.size > MOST_BYTES) throw new Unreadable('The file is too large (more than 100 MB).');
  const bytes = new Uint8Array(await file.arrayBuffer());
  refuseWrong(file, isPdf(bytes));
  const text = isPdf(bytes) ? await readPdf(bytes, onProgress) : decode(bytes);
  if (text.trim() === '') throw new Unreadable('The file contains no text.');
  return text;
}

/** A file's name as a document title: without the extension. */
export function titleOf(file: File): string {
  const name = file.name.replace(/\.(?:txt|text|md|markdown|mdx|pdf|rst|csv|json|html?)$/i, '').trim();
  return name === '' ? file.name : name;
}

/** Files whose name says that they are not text, whatever they contain. */
const NO_TEXT =
  /\.(?:docx?|xlsx?|pptx?|od[tsp]|rtf|epub|pages|numbers|key|png|jpe?g|gif|webp|heic|bmp|tiff?|svgz|ico|mp[34]|m4a|wav|mov|avi|mkv|zip|gz|tgz|7z|rar|tar|exe|dmg|iso|bin|dll|so|class|jar|woff2?|ttf|otf)$/i;

/** @throws Unreadable if a file is not what its name says. */
function refuseWrong({ name }: File, isPdf: boolean): void {
  if (/\.pdf$/i.test(name) && !isPdf)
    throw new Unreadable('The file is named as a PDF but does not contain one. It may be incomplete.');
  const ending = NO_TEXT.exec(name)?.[0];
  if (ending !== undefined && !isPdf)
    throw new Unreadable(
      `This is not a text file: “${ending}” files cannot be read here. Save it as PDF, Markdown or plain text and add that.`,
    );
}

function isPdf(bytes: Uint8Array): boolean {
  // Some writers put a few bytes before it.
  return String.fromCharCode(...bytes.subarray(0, 1024)).includes(PDF_MAGIC);
}

async function readPdf(bytes: Uint8Array, onProgress: OnProgress): Promise<string> {
  const { pdfText } = await import('./pdf-text.js');
  return pdfText(bytes, onProgress);
}

/** UTF-8, or UTF-16 if the file says so. */
function decode(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text.toWellFormed();
  } catch {
    // Bytes that are not text in this encoding: an image, a spreadsheet, an old code page.
  }
  throw new Unreadable('This is not a text file. Supported files: PDF, and plain text or Markdown in UTF-8.');
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return 'utf-8';
}
