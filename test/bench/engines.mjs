// The embedded engine is a child of nobody here: it belongs to a data folder, and ends soon after its last user.
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { settled } from './measure.mjs';

const END_LIMIT_MS = 10_000;

/** The processes of the engine on a data folder; none where there is no /proc. */
export function enginesOf(folder) {
  const real = path.join(realpathSync(path.dirname(folder)), path.basename(folder)); // it may be gone
  return pids().filter((pid) => {
    const command = commandOf(pid);
    return command.includes('host.js') && command.includes(`"${real}/`);
  });
}

function pids() {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

/** Resolves when no engine runs on a folder any more, or when that takes too long. */
export const enginesEnded = (folder) =>
  settled(
    () => enginesOf(folder).length === 0,
    () => 0,
    END_LIMIT_MS,
  );
