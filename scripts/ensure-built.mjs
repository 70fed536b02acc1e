// Builds if a source file is newer than the last build, so that `npm start`, `npm run demo` and `npm test` work right
// after `npm ci` and never run stale code. With `--built`: records that everything has just been built.
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const stamp = path.join(root, 'dist', '.built');

const builtAt = () => statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The newest modification time in a folder and its subfolders, in epoch milliseconds. */
const newest = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (latest, entry) => Math.max(latest, statSync(path.join(entry.parentPath, entry.name)).mtimeMs),
      0,
    );

const libs = readdirSync(path.join(root, 'libs')).map((name) => path.join(root, 'libs', name, 'src'));
const sources = [path.join(root, 'src'), ...libs, path.join(root, 'libs/web/public')];
const configs = [
  'package.json',
  'tsconfig.json',
  '.swcrc',
  'libs/web/index.html',
  'libs/web/vite.config.ts',
].map((name) => statSync(path.join(root, name)).mtimeMs);

if (process.argv.includes('--built')) writeFileSync(stamp, '');
else if (Math.max(...sources.map(newest), ...configs) > builtAt()) {
  process.stderr.write('Building what has changed; the first time this takes about 15 seconds …\n');
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 2, 2] });
}
