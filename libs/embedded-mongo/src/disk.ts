import { statfs } from 'node:fs/promises';

import { EmbeddedMongoDiskFull } from './errors.js';

/** The engine writes its journal in files of 100 MB; with less than this free it may not start. */
const ROOM_BYTES = 128 * 1024 * 1024;

/** The error for a failed engine if its disk is the cause. */
export async function diskFault(
  directory: string,
  cause?: unknown,
): Promise<EmbeddedMongoDiskFull | undefined> {
  const free = await statfs(directory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  );
  const isFull = (free !== undefined && free < ROOM_BYTES) || isNoSpace(cause);
  return isFull ? new EmbeddedMongoDiskFull(directory, free ?? 0, { cause }) : undefined;
}

/** Whether a file system call failed for lack of space. */
export function isNoSpace(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
}
