import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCRIPT = fileURLToPath(new URL('run-bundler.mjs', import.meta.url));

/** A module and everything it imports in one minified piece. */
export interface Bundle {
  code: string;
  /** What it still imports. */
  imports: string[];
  exports: string[];
}

/** Bundles a module for browsers. @param entry path of the file */
export async function bundle(entry: string): Promise<Bundle> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [SCRIPT, entry], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as Bundle;
}
