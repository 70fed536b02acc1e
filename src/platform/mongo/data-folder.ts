import { randomUUID } from 'node:crypto';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { StartError } from '../config/index.js';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user is not allowed to write there',
  EPERM: 'this user is not allowed to write there',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a part of the path is a file',
  ENOENT: 'this file system does not allow creating folders',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links form a loop',
};

/**
 * Creates the folder if missing, and makes sure that files can be written there.
 * @throws StartError that names `DATA_DIR` and the reason.
 */
export async function prepareDataFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    const probe = path.join(folder, `.probe-${randomUUID()}`);
    const file = await open(probe, 'wx');
    await file.close();
    await rm(probe, { force: true });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const reason = REASONS[code] ?? message;
    throw new StartError(
      'DATA_DIR',
      `DATA_DIR ${folder} cannot be used: ${reason} (${code}). Set DATA_DIR to a folder that this user can write to.`,
      { cause: error },
    );
  }
}

/** Level by level: `mkdir` with `recursive` never returns for a path such as /proc/x. */
async function makeFolder(folder: string): Promise<void> {
  const there = await stat(folder).catch(() => undefined);
  if (there?.isDirectory()) return;
  const parent = path.dirname(folder);
  if (parent !== folder) await makeFolder(parent);
  await mkdir(folder).catch(async (error: unknown) => {
    // Another process may have been faster.
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) throw error;
  });
}
