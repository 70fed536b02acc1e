import type { Types } from 'mongoose';
import { splitHalf } from '../common/index.js';
import type { FilePart } from './file.schema.js';

/** What a file consists of. */
export interface FileContent {
  bytes: Buffer;
  /** Missing: it is an image. */
  text?: string | undefined;
}

/** The name of a file in its parts. */
export type FileKey = Pick<FilePart, 'tenant_id' | 'file_id'>;

const PART_BYTES = 1_048_576;
/** UTF-16 code units of one piece of text, at most. */
const PART_CHARS = 65_536;

/** A file in pieces that fit in documents. */
export function* partsOf(key: FileKey, { bytes, text = '' }: FileContent): Generator<FilePart> {
  for (let at = 0; at < bytes.length; at += PART_BYTES)
    yield { ...key, kind: 'bytes', at, bytes: bytes.subarray(at, at + PART_BYTES) };
  for (let at = 0; at < text.length;) {
    const [piece] = splitHalf(text.slice(at, at + PART_CHARS));
    if (piece === '') return;
    yield { ...key, kind: 'text', at, text: piece };
    at += piece.length;
  }
}

/** Parts of several files, by file. */
export function byFile<T extends { file_id: Types.ObjectId }>(parts: readonly T[]): Map<string, T[]> {
  const files = new Map<string, T[]>();
  for (const part of parts) {
    const id = part.file_id.toHexString();
    files.set(id, [...(files.get(id) ?? []), part]);
  }
  return files;
}
