import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
// From the source: fetching packages does not concern the library's users.
import { unpackedPackages } from '../../../libs/embedded-mongo/src/apt-packages.js';
import { glibcIn } from '../../../libs/embedded-mongo/src/glibc.js';

/** How to run a program of llama.cpp. */
export interface Program {
  /** The program and what comes before its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
}

/** llama.cpp as packaged by Debian; older releases run it with the C library of that release. */
const LLAMA_CPP = {
  name: 'llama.cpp',
  releases: { debian: 'forky' },
  packages: [
    ...['llama.cpp-tools', 'libllama0', 'libggml0', 'libgomp1', 'libssl3t64', 'libzstd1', 'zlib1g'],
    ...['libc6', 'libstdc++6', 'libgcc-s1'],
  ],
};

/** The build of its processor backend that runs everywhere, on x64 and on arm64. */
const PLAIN_BACKEND = /^libggml-cpu-(x64|armv8\.0_1)\.so$/;

/**
 * `llama-server`: the one that `LLAMA_SERVER` names, or else one that is fetched once into the user's cache (12.5 MB,
 * with apt, not installed).
 * @throws Error when it cannot be had here.
 */
export async function llamaServer(): Promise<Program> {
  const own = process.env['LLAMA_SERVER'];
  if (own !== undefined) return { command: [own], env: {} };
  const root = await unpackedPackages(LLAMA_CPP).catch((cause: unknown) => {
    const help = 'LLAMA_SERVER=/path/to/llama-server names one that is there';
    throw new Error(`llama-server could not be fetched; ${help}.`, { cause });
  });
  const { loader, libraries } = glibcIn(root);
  const folders = libraries.split(':');
  const search = [...folders, ...folders.map((folder) => path.join(folder, 'llama'))].join(':');
  return {
    command: [loader, '--library-path', search, path.join(root, 'usr/bin/llama-server')],
    // Started through the loader it does not know its own location, nor that of its backends.
    env: { GGML_BACKEND_PATH: await backendIn(folders) },
  };
}

async function backendIn(folders: readonly string[]): Promise<string> {
  for (const folder of folders.map((lib) => path.join(lib, 'ggml')).filter((ggml) => existsSync(ggml))) {
    const files = await readdir(folder, { recursive: true });
    const backend = files.find((file) => PLAIN_BACKEND.test(path.basename(file)));
    if (backend !== undefined) return path.join(folder, backend);
  }
  throw new Error(`No backend for this processor is in ${folders.join(', ')}.`);
}
