import { z } from 'zod';
import { cleanString, invalid } from './parse.js';

/** What a message of the request says, and the files in it. */
export interface Said {
  text: string;
  files: readonly SentFile[];
}

/** A file in a request: uploaded before, or its bytes. */
export type SentFile = { file_id: string } | { name: string; bytes: Buffer };

const part = z.looseObject({ type: z.string('must be a string') });

/** The content of a message: a text, or parts. */
export const contentSchema = z.union([cleanString, z.array(part).max(1000)], {
  error: 'must be a string or a list of content parts',
});

/** The content of a message as the schema lets it through. */
export type Content = z.infer<typeof contentSchema>;

const TEXT_PARTS = new Set(['input_text', 'output_text', 'text', 'refusal', 'summary_text']);

/** Reads the content of a message. @param field its name, for errors. @throws AppError `validation_failed`. */
export function readContent(content: Content, field: string): Said {
  if (typeof content === 'string') return { text: content, files: [] };
  const texts: string[] = [];
  const files: SentFile[] = [];
  for (const [index, one] of content.entries()) {
    const at = `${field}.${index}`;
    if (TEXT_PARTS.has(one.type)) texts.push(textIn(one, at));
    else files.push(fileIn(one, at));
  }
  return { text: texts.join('\n'), files };
}

function textIn(one: Record<string, unknown>, at: string): string {
  const parsed = cleanString.safeParse(one['type'] === 'refusal' ? one['refusal'] : one['text']);
  if (!parsed.success) throw invalid(`${at}.text`, 'must be a string without NUL characters');
  return parsed.data;
}

function fileIn(one: Record<string, unknown>, at: string): SentFile {
  const { type, file_id, image_url, file_data, filename } = flat(one);
  if (typeof file_id === 'string') return { file_id: fileId(file_id, `${at}.file_id`) };
  if (type === 'input_image' || type === 'image_url') {
    const url: unknown =
      typeof image_url === 'object' && image_url !== null ? Reflect.get(image_url, 'url') : image_url;
    return { name: 'image', bytes: dataIn(url, `${at}.image_url`) };
  }
  if (type === 'input_file' || type === 'file')
    return {
      name: typeof filename === 'string' ? filename : 'file',
      bytes: dataIn(file_data, `${at}.file_data`),
    };
  throw invalid(`${at}.type`, 'is not supported: send text, images and files');
}

/** Chat completions put the fields of a file into one named `file`. */
function flat(one: Record<string, unknown>): Record<string, unknown> {
  const { file } = one;
  return typeof file === 'object' && file !== null ? { ...one, ...file } : one;
}

function fileId(id: string, field: string): string {
  const plain = id.replace(/^file[-_]/, '');
  if (!/^[0-9a-f]{24}$/i.test(plain)) throw invalid(field, 'names no file of this server');
  return plain.toLowerCase();
}

/** Nothing is fetched from other servers for a client. */
function dataIn(url: unknown, field: string): Buffer {
  const [, base64] =
    /^data:[^,]*;base64,([A-Za-z0-9+/=_-]+)$/s.exec(typeof url === 'string' ? url : '') ?? [];
  if (base64 === undefined) throw invalid(field, 'must be a data URL in Base64: this server fetches nothing');
  return Buffer.from(base64, 'base64');
}
