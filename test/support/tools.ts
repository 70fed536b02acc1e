import { accessSync, constants, readdirSync } from 'node:fs';
import path from 'node:path';

/** Debian puts servers where a user's PATH does not look. */
const SYSTEM = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Has a folder for each version of its servers. */
const POSTGRESQL = '/usr/lib/postgresql';

/** The path of a program that npm does not install. @throws Error that says how to get it. */
export function tool(name: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), ...SYSTEM, ...versions(POSTGRESQL)];
  const found = folders.map((folder) => path.join(folder, name)).find(isProgram);
  if (found === undefined)
    throw new Error(`This test needs ${name}, which is missing: run scripts/install-test-tools.sh.`);
  return found;
}

/** The folders with the programs of each version, newest first. */
function versions(folder: string): string[] {
  try {
    const names = readdirSync(folder).sort((a, b) => Number(b) - Number(a));
    return names.map((name) => path.join(folder, name, 'bin'));
  } catch {
    return [];
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
