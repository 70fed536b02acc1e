import { existsSync } from 'node:fs';
import path from 'node:path';

import { unpackedPackages } from './apt-packages.js';
import { EmbeddedMongoUnavailable, messageOf } from './errors.js';

/** The releases whose glibc the engine can use; older releases get their glibc from them. */
const NEWER_GLIBC = {
  name: 'glibc',
  releases: { debian: 'trixie', ubuntu: 'noble' },
  packages: ['libc6', 'libstdc++6', 'libgcc-s1'],
};

/** Debian's names for the processors that the engine supports. */
const NAMES =
  process.arch === 'arm64'
    ? { triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' }
    : { triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' };

/** A C library outside the system's: `<loader> --library-path <libraries> program …` runs a program with it. */
export interface Glibc {
  readonly loader: string;
  readonly libraries: string;
}

/**
 * A newer glibc than this machine's, from the distribution's next release: see `unpackedPackages`.
 * @throws EmbeddedMongoUnavailable
 */
export async function newerGlibc(installed: string): Promise<Glibc> {
  try {
    return glibcIn(await unpackedPackages(NEWER_GLIBC));
  } catch (error) {
    const reason = `it needs glibc 2.38, this machine has ${installed}, and a newer one could not be fetched: ${messageOf(error).trim()}`;
    throw new EmbeddedMongoUnavailable(reason, { cause: error });
  }
}

/**
 * The C library among unpacked packages; older releases keep it in /lib, newer ones in /usr/lib.
 * @throws Error if there is none.
 */
export function glibcIn(root: string): Glibc {
  const folders = ['usr/lib', 'lib'].map((lib) => path.join(root, lib, NAMES.triplet));
  for (const folder of folders) {
    const loader = path.join(folder, NAMES.loader);
    if (existsSync(loader)) return { loader, libraries: folders.join(':') };
  }
  throw new Error(`${root} does not contain ${NAMES.loader}; delete that folder to fetch it again`);
}
