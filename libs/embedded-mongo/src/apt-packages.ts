import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { readAptSources, sourcesOfRelease, type Release } from './apt-sources.js';

const run = promisify(execFile);

const COMMAND_TIMEOUT_MS = 120_000;

/** Packages of another release of this machine's distribution. */
export interface WantedPackages {
  /** Prefix of the cache folder's name; a different list of packages needs a different name. */
  readonly name: string;
  /** The release that has them: distribution → codename, `{ debian: 'trixie' }`. */
  readonly releases: Readonly<Record<string, string>>;
  readonly packages: readonly string[];
}

/**
 * The folder in the user's cache that holds these packages, unpacked. They come from the machine's own apt sources;
 * nothing is installed and root is not needed. The first call takes seconds and the network.
 * @throws Error when the distribution has no such release, or apt cannot get them.
 */
export async function unpackedPackages(wanted: WantedPackages): Promise<string> {
  const from = await readRelease();
  const codename = wanted.releases[from.id];
  if (codename === undefined)
    throw new Error(`no release with ${wanted.name} is known for the distribution "${from.id}"`);
  const folder = path.join(cacheFolder(), `${wanted.name}-${codename}-${process.arch}`);
  if (!existsSync(folder)) await fetchInto(folder, await otherRelease(from, codename), wanted.packages);
  return folder;
}

async function otherRelease(from: Release, codename: string): Promise<string> {
  const sources = sourcesOfRelease(await readAptSources(), from, codename);
  if (sources === '') throw new Error(`apt has no source for ${from.id} ${from.codename}`);
  return sources;
}

async function fetchInto(folder: string, sources: string, names: readonly string[]): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}.tmp-`);
  try {
    await unpack(await download(work, sources, names), path.join(work, 'root'));
    // Renamed when complete: a kill leaves no half-filled cache, and if two processes start first, the later one finds
    // the earlier one's.
    await rename(path.join(work, 'root'), folder).catch(() => undefined);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Downloads the packages with an apt that keeps all its files in the work folder. @returns the packages' folder. */
async function download(work: string, sources: string, names: readonly string[]): Promise<string> {
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
    'APT::Sandbox::User=root', // the user _apt may not write here; without effect (and harmless) if not root
  ].flatMap((setting) => ['-o', setting]);
  // An update that fetched every list still fails if one of the system's hooks needs root, so the download decides.
  const update = await run('apt-get', [...settings, '-o', 'Dir::State::status=/dev/null', 'update'], {
    timeout: COMMAND_TIMEOUT_MS,
  }).catch((error: unknown) => error);
  try {
    await run('apt-get', [...settings, 'download', ...names], {
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

async function readRelease(): Promise<Release> {
  const text = await readFile('/etc/os-release', 'utf8');
  const valueOf = (name: string) => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(text)?.[1] ?? '';
  return { id: valueOf('ID'), codename: valueOf('VERSION_CODENAME') };
}

function cacheFolder(): string {
  return path.join(process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache'), 'reprise');
}
