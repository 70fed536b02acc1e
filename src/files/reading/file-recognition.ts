import { Injectable } from '@nestjs/common';
import { fileTypeFromBuffer } from 'file-type';
import { AppError, parseJson } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { decodeText, isHtml } from './decode-text.js';
import { PdfReader } from './pdf-reader.js';

/** What a file is, decided by its bytes. */
export interface Recognised {
  media_type: string;
  /** Missing: it is an image. */
  text?: string | undefined;
}

const PDF = 'application/pdf';
/** Some writers put a few bytes before it. */
const PDF_MARK = '%PDF-';
const PDF_MARK_WITHIN = 1024;
/** Animated PNG is PNG to whoever does not know it. */
const IMAGES: ReadonlyMap<string, string> = new Map([
  ...['image/png', 'image/jpeg', 'image/gif', 'image/webp'].map((type) => [type, type] as const),
  ['image/apng', 'image/png'],
]);
/** Among texts, the name says what kind: it changes nothing but the label. */
const ENDINGS: Readonly<Record<string, string>> = {
  md: 'text/markdown',
  markdown: 'text/markdown',
  csv: 'text/csv',
};
/** A longer text is JSON only by its name. */
const JSON_MAX_CHARS = 5_000_000;

/** Finds out what a file is, and what its text is. What a client says about it does not count. */
@Injectable()
export class FileRecognition {
  constructor(
    private readonly pdfs: PdfReader,
    private readonly settings: Settings,
  ) {}

  /**
   * @throws AppError `empty_file`, `unsupported_file_type`, `file_too_large`, `unreadable_file`, `file_without_text`,
   * `file_text_too_long`.
   */
  async recognise(name: string, bytes: Buffer): Promise<Recognised> {
    if (bytes.length === 0) throw new AppError('empty_file');
    // What reads as text is text: the first letters of one may be those of a picture format ("GIF", "BM").
    const text = decodeText(bytes);
    if (isPdf(bytes, text)) return { media_type: PDF, text: this.checked(await this.pdfs.text(bytes)) };
    if (text !== undefined) return { media_type: kindOfText(name, text), text: this.checked(text) };
    const type = await typeOf(bytes);
    const image = IMAGES.get(type ?? '');
    if (image === undefined) throw new AppError('unsupported_file_type', { type });
    return this.image(image, bytes);
  }

  private image(media_type: string, { length }: Buffer): Recognised {
    const max_bytes = this.settings.FILE_IMAGE_MAX_BYTES;
    if (length > max_bytes) throw new AppError('file_too_large', { max_bytes, image: true });
    return { media_type };
  }

  private checked(text: string): string {
    if (text.trim() === '') throw new AppError('file_without_text');
    const max_chars = this.settings.FILE_TEXT_MAX_CHARS;
    if (text.length > max_chars) throw new AppError('file_text_too_long', { max_chars });
    return text;
  }
}

/** A text may speak of PDFs, and some PDFs are text. */
function isPdf(bytes: Buffer, text: string | undefined): boolean {
  const place = bytes.subarray(0, PDF_MARK_WITHIN).indexOf(PDF_MARK);
  return place === 0 || (place > 0 && text === undefined);
}

async function typeOf(bytes: Buffer): Promise<string | undefined> {
  // A file that only begins like one of its kind makes the library read beyond its end.
  const found = await fileTypeFromBuffer(bytes).catch(() => undefined);
  return found?.mime;
}

function kindOfText(name: string, text: string): string {
  if (isHtml(text)) return 'text/html';
  if (isJson(text)) return 'application/json';
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return (Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined) ?? 'text/plain';
}

function isJson(text: string): boolean {
  return /^\s*[[{]/.test(text) && text.length <= JSON_MAX_CHARS && parseJson(text) !== undefined;
}
