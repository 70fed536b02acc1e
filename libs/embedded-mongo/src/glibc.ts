import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { readAptSources, sourcesOfRelease, type Release } from './apt-sources.js';
import { EmbeddedMongoUnavailable, messageOf } from './errors.js';

const run = promisify(execFile);

/** The release of each distribution whose glibc the engine can use; older ones take theirs from it. */
const RELEASE_WITH_GLIBC: Readonly<Record<string, string>> = { debian: 'trixie', ubuntu: 'noble' };
const PACKAGES = ['libc6', 'libstdc++6', 'libgcc-s1'];
const COMMAND_TIMEOUT_MS = 120_000;

/** Debian's names for the processors the engine exists for. */
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
 * A newer glibc than this machine's: the packages of the distribution's next release, from the machine's own apt
 * sources, unpacked into the user's cache. Nothing is installed and root is not needed. The first call takes
 * seconds and the network.
 * @throws EmbeddedMongoUnavailable
 */
export async function newerGlibc(installed: string): Promise<Glibc> {
  try {
    const from = await readRelease();
    const codename = RELEASE_WITH_GLIBC[from.id];
    if (codename === undefined) throw new Error(`no newer one is known for the distribution "${from.id}"`);
    const folder = path.join(cacheFolder(), `glibc-${codename}-${process.arch}`);
    return (await findGlibc(folder)) ?? (await fetchInto(folder, from, codename));
  } catch (error) {
    const reason = `it needs glibc 2.38, here is ${installed}, and a newer one could not be fetched: ${messageOf(error).trim()}`;
    throw new EmbeddedMongoUnavailable(reason, { cause: error });
  }
}

async function fetchInto(folder: string, from: Release, codename: string): Promise<Glibc> {
  const parent = path.dirname(folder);
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(`${folder}.tmp-`);
  try {
    const sources = sourcesOfRelease(await readAptSources(), from, codename);
    if (sources === '') throw new Error(`apt has no source of ${from.id} ${from.codename}`);
    await unpack(await download(work, sources), path.join(work, 'root'));
    // Renamed when complete: a kill leaves no half cache, and of two first starts the later one finds the earlier's.
    await rename(path.join(work, 'root'), folder).catch(() => undefined);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const glibc = await findGlibc(folder);
  if (!glibc) throw new Error(`the packages hold no ${NAMES.loader}`);
  return glibc;
}

/** Downloads the packages with an apt whose every file is in the work folder; answers their folder. */
async function download(work: string, sources: string): Promise<string> {
  const packages = path.join(work, 'packages');
  for (const name of ['state/lists/partial', 'archives/partial', 'packages']) {
    await mkdir(path.join(work, name), { recursive: true });
  }
  const list = path.join(work, 'release.sources');
  await writeFile(list, sources);
  const settings = [
    `Dir::Etc::sourcelist=${list}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State=${work}/state`,
    `Dir::Cache=${work}`,
    'Acquire::Languages=none',
    'Acquire::Retries=2',
    'APT::Sandbox::User=root', // the user _apt may not write here; without effect (and harmless) when not root
  ].flatMap((setting) => ['-o', setting]);
  // An update that fetched every list still fails when a hook of the system's needs root: the download decides.
  const update = await run('apt-get', [...settings, '-o', 'Dir::State::status=/dev/null', 'update'], {
    timeout: COMMAND_TIMEOUT_MS,
  }).catch((error: unknown) => error);
  try {
    await run('apt-get', [...settings, 'download', ...PACKAGES], {
      cwd: packages,
      timeout: COMMAND_TIMEOUT_MS,
    });
  } catch (error) {
    throw update instanceof Error ? update : error;
  }
  return packages;
}

async function unpack(packages: string, root: string): Promise<void> {
  for (const name of await readdir(packages)) {
    await run('dpkg', ['-x', path.join(packages, name), root], { timeout: COMMAND_TIMEOUT_MS });
  }
}

/** The unpacked library in this folder; older releases keep it in /lib, newer ones in /usr/lib. */
async function findGlibc(folder: string): Promise<Glibc | undefined> {
  const folders = ['usr/lib', 'lib'].map((lib) => path.join(folder, lib, NAMES.triplet));
  for (const candidate of folders) {
    const loader = path.join(candidate, NAMES.loader);
    const found = await access(loader).then(
      () => true,
      () => false,
    );
    if (found) return { loader, libraries: folders.join(':') };
  }
  return undefined;
}

async function readRelease(): Promise<Release> {
  const text = await readFile('/etc/os-release', 'utf8');
  const valueOf = (name: string) => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(text)?.[1] ?? '';
  return { id: valueOf('ID'), codename: valueOf('VERSION_CODENAME') };
}

function cacheFolder(): string {
  return path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'reprise');
}
