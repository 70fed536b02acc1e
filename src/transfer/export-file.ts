import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/**
 * Writes lines to a file, compressed if its name ends with `.gz`. The file appears when it is complete and synced to
 * disk.
 */
export async function writeExportFile(file: string, lines: AsyncIterable<string>): Promise<void> {
  const part = `${file}.part`;
  const out = createWriteStream(part, { flush: true });
  try {
    if (file.endsWith('.gz')) await pipeline(Readable.from(lines), createGzip(), out);
    else await pipeline(Readable.from(lines), out);
    await putInPlace(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Writes lines to a stream that stays open. */
export async function writeExport(
  out: Writable | NodeJS.WritableStream,
  lines: AsyncIterable<string>,
): Promise<void> {
  await pipeline(Readable.from(lines), out, { end: false });
}

/** Replaces a small file atomically. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const part = `${file}.part`;
  const handle = await open(part, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await putInPlace(part, file);
}

/** A name survives a power failure once its folder is synced. Not every system can sync folders. */
async function putInPlace(part: string, file: string): Promise<void> {
  await rename(part, file);
  const folder = await open(path.dirname(file)).catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
