import { Injectable } from '@nestjs/common';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { Settings } from '../config/index.js';

const MB = 1024 * 1024;
/** MongoDB does not build indexes with less space free. */
export const INDEX_ROOM_BYTES = 500 * MB;
/** The journal of the embedded engine grows by 100 MB at a time. */
const LOW_BYTES = 128 * MB;

/** The disk of the embedded engine. The disk of your own database is not visible from here. */
@Injectable()
export class DataDisk {
  constructor(private readonly settings: Settings) {}

  /** Its free bytes and path; nothing with `MONGODB_URI`, or if the system does not report it. */
  async state(): Promise<{ path: string; free_mb: number; isLow: boolean } | undefined> {
    if (this.settings.MONGODB_URI) return undefined;
    const folder = path.resolve(this.settings.DATA_DIR);
    return statfs(folder).then(
      ({ bavail, bsize }) => ({
        path: folder,
        free_mb: Math.floor((bavail * bsize) / MB),
        isLow: bavail * bsize < LOW_BYTES,
      }),
      () => undefined,
    );
  }

  /** What to tell the operator of a server whose database refuses to build its indexes for lack of space. */
  async noRoomToStart(cause: unknown): Promise<DiskFullError> {
    const disk = await this.state();
    const where = disk
      ? `The disk of DATA_DIR (${disk.path}) has ${disk.free_mb} MB free`
      : 'The disk of the database is too full';
    const remedy = disk
      ? 'Free some space, or set DATA_DIR to a folder on another disk.'
      : 'Free some space there.';
    const text = `${where}, and the database needs ${INDEX_ROOM_BYTES / MB} MB to build its indexes. ${remedy}`;
    return new DiskFullError(text, { cause });
  }
}

/** The database cannot start: its disk is too full. The message is for the operator. */
export class DiskFullError extends Error {
  override readonly name = 'DiskFullError';
}
