import { createReadStream } from 'node:fs';
import { TransferError } from './errors.js';

/** One line of a file. */
export interface Line {
  /** From 1. */
  number: number;
  text: string;
}

/** Longer than any record: a document of MongoDB has at most 16 MB, escaped text six times as much. */
const LINE_MAX_BYTES = 96 * 1024 * 1024;
const LF = 0x0a;

/**
 * The lines of a file, one at a time. `node:readline` will not do: to it U+2028, which JSON does not escape, ends a line.
 * @throws TransferError for a line that is too long or no UTF-8.
 */
export async function* readLines(file: string): AsyncGenerator<Line, void, undefined> {
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
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
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
