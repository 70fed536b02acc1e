import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { TransferError } from './errors.js';

/** One line of a file. */
export interface Line {
  /** From 1. */
  number: number;
  text: string;
}

/** Longer than any record: a MongoDB document has at most 16 MB, and escaping multiplies text by up to six. */
const LINE_MAX_BYTES = 96 * 1024 * 1024;
const LF = 0x0a;

/**
 * The lines of a file, one at a time. `node:readline` does not work: it treats U+2028, which JSON does not escape, as
 * a line end. A gzipped file is decompressed as it is read.
 * @param onBytes is called with how much of the file on disk has been read.
 * @throws TransferError for a line that is too long or not UTF-8, and for a gzipped file that is truncated or damaged.
 */
export async function* readLines(
  file: string,
  onBytes: (bytes: number) => void = () => undefined,
): AsyncGenerator<Line, void, undefined> {
  let parts: Buffer[] = [];
  let size = 0;
  let number = 0;
  const take = (): Line => {
    number++;
    const text = decode(Buffer.concat(parts), number);
    parts = [];
    size = 0;
    return { number, text };
  };
  for await (const chunk of await bytesOf(file, onBytes)) {
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      parts.push(chunk.subarray(from, at));
      yield take();
      from = at + 1;
    }
    parts.push(chunk.subarray(from));
    size += chunk.length - from;
    if (size > LINE_MAX_BYTES) throw new TransferError(`Line ${number + 1} is too long.`);
  }
  if (size > 0) yield take();
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Buffer, number: number): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new TransferError(`Line ${number} is not valid UTF-8.`);
  }
}

const GZIP = Buffer.from([0x1f, 0x8b]);

async function bytesOf(file: string, onBytes: (bytes: number) => void): Promise<AsyncIterable<Buffer>> {
  const handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(GZIP.length), 0, GZIP.length, 0);
  await handle.close();
  const stream = createReadStream(file);
  stream.on('data', (chunk) => {
    onBytes(chunk.length);
  });
  stream.pause();
  return GZIP.equals(buffer) ? unpacked(stream) : (stream as AsyncIterable<Buffer>);
}

async function* unpacked(stream: NodeJS.ReadableStream): AsyncGenerator<Buffer, void, undefined> {
  const out = new PassThrough();
  const done = pipeline(stream, createGunzip(), out);
  done.catch(() => undefined); // told by the loop
  try {
    yield* out as AsyncIterable<Buffer>;
    await done;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!code.startsWith('Z_')) throw error;
    throw new TransferError(
      code === 'Z_BUF_ERROR'
        ? 'The file is truncated: its gzip data has no end.'
        : 'The file is damaged: its gzip data cannot be decompressed.',
    );
  }
}
