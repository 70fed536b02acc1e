import { createHash } from 'node:crypto';
import { lstat, mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';

import { EmbeddedMongoUnavailable } from './errors.js';

/**
 * Not `os.tmpdir()`: processes with different TMPDIRs must find each other's engine, and macOS's own temporary
 * folder is too long for a socket's path (104 bytes there, 108 on Linux).
 */
const SOCKETS = '/tmp';

/** Paths of everything that belongs to one engine. The same directory always gives the same paths and the same URI. */
export interface EngineFiles {
  /** The real path of the directory that the caller named. */
  readonly directory: string;
  readonly data: string;
  readonly log: string;
  /** The folder of both sockets. */
  readonly sockets: string;
  readonly controlSocket: string;
  readonly mongoSocket: string;
  readonly uri: string;
}

/** Creates the directory and its socket folder if missing, and returns the paths of the engine's files. */
export async function prepareEngineFiles(directory: string): Promise<EngineFiles> {
  await mkdir(directory, { recursive: true });
  const real = await realpath(directory);
  const user = process.getuid?.() ?? 0;
  const hash = createHash('sha256').update(real).digest('hex').slice(0, 12);
  const sockets = path.join(SOCKETS, `embedded-mongo-${user}-${hash}`);
  await makePrivateFolder(sockets);
  const mongoSocket = path.join(sockets, 'mongodb.sock');
  return {
    directory: real,
    data: path.join(real, 'data'),
    log: path.join(real, 'engine.log'),
    sockets,
    controlSocket: path.join(sockets, 'control.sock'),
    mongoSocket,
    uri: `mongodb://${encodeURIComponent(mongoSocket)}/?directConnection=true`,
  };
}

/**
 * Creates a folder that only this user can open. Anybody may create names in /tmp, so an existing one is checked
 * first.
 * @throws EmbeddedMongoUnavailable if it belongs to somebody else
 */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700, recursive: true });
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new EmbeddedMongoUnavailable(`${folder} is not a folder that only this user can open`);
  }
}
