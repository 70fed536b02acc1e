// Whose application is measured: this checkout's, and with --against another one's beside it.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ownRoot } from './processes.mjs';

/**
 * @param {string | undefined} folder of another checkout of this repository, with its own node_modules and dist
 * @returns `{ root, label }` of each checkout; ours has an empty label.
 */
export function checkouts(folder) {
  const ours = { root: ownRoot, label: '' };
  if (folder === undefined) return [ours];
  const root = path.resolve(folder);
  for (const needed of ['dist/main.js', 'node_modules'])
    if (!existsSync(path.join(root, needed)))
      throw new Error(`${root} has no ${needed}: run "npm ci" and "npm run build" there first.`);
  if (root === ownRoot) throw new Error('--against takes the folder of another checkout than this one.');
  return [ours, { root, label: ` at ${nameOf(root)}` }];
}

/** Its commit where git knows it, else the folder's name. */
function nameOf(root) {
  try {
    const stdio = ['ignore', 'pipe', 'ignore'];
    return execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*'], { cwd: root, stdio })
      .toString()
      .trim();
  } catch {
    return path.basename(root);
  }
}
