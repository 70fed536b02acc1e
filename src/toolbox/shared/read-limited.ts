import { Readable } from 'node:stream';
import { ToolError } from '../../tools/index.js';

/**
 * Reads a stream to its end, but not more than `limit` bytes of it.
 * @throws ToolError `too_large`; the stream is destroyed.
 */
export async function readLimited(stream: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of stream) {
    size += piece.byteLength;
    if (size > limit) throw tooLarge(limit);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Passes a stream through while it stays within `limit` bytes. */
export function limited(stream: Readable, limit: number): Readable {
  let size = 0;
  return Readable.from(
    (async function* () {
      for await (const piece of stream as AsyncIterable<Uint8Array>) {
        size += piece.byteLength;
        if (size > limit) throw tooLarge(limit);
        yield piece;
      }
    })(),
    { objectMode: false },
  );
}

function tooLarge(limit: number): ToolError {
  return new ToolError(`The answer is larger than ${limit} bytes, which is the limit.`, 'too_large');
}
