// Starts and stops what is measured: every server in a separate process, with its own data folder.
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { enginesEnded } from './engines.mjs';

/** The checkout that this bench belongs to. */
export const ownRoot = path.resolve(import.meta.dirname, '../..');
const STOP_LIMIT_MS = 20_000;
/** The benchmark must neither write to a user's database nor call a model that costs money. */
const NOT_INHERITED = ['MONGODB_URI', 'MONGODB_DATABASE', 'REDIS_URL', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'];
const running = new Set();
const folders = new Set();
let ending = false;

/** A new folder beside the application's own data, so on the same disk. */
export function newDataFolder() {
  const base = path.join(ownRoot, '.data');
  mkdirSync(base, { recursive: true });
  const folder = mkdtempSync(path.join(base, 'bench-'));
  folders.add(folder);
  return folder;
}

/** Removes a folder once its engine has stopped, which is up to a second after an application that was killed. */
export async function removeFolder(folder) {
  await enginesEnded(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  folders.delete(folder);
}

/** Starts a script of a checkout. BENCH_NODE_FLAGS goes to Node, for example --cpu-prof. */
export function start(script, { root = ownRoot, args = [], env = {}, stdout = 'inherit' } = {}) {
  if (ending) throw new Error('The bench ends.');
  const inherited = { ...process.env };
  for (const name of NOT_INHERITED) delete inherited[name];
  return track(
    fork(path.join(root, script), args, {
      cwd: root,
      env: { ...inherited, NODE_ENV: 'production', LOG_LEVEL: 'error', ...env },
      execArgv: process.env.BENCH_NODE_FLAGS?.split(' ') ?? [],
      stdio: ['ignore', stdout, 'inherit', 'ipc'],
    }),
  );
}

/** Remembers a process until it has ended, so that `cleanUp` ends it. */
export function track(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/** The first message of a process. */
export function firstMessage(child) {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${child.spawnargs[1]} ended with ${code}`)));
  });
}

/** Stops a process gracefully, and by force if that takes too long. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(timer);
}

/** Ends every process that still runs and removes every folder that is left; nothing starts any more. */
export async function cleanUp() {
  ending = true;
  await Promise.all([...running].map(stop));
  await Promise.all([...folders].map(removeFolder));
}

/** Files that a process may have open: sockets are files. */
export function openFileLimit() {
  process.report.excludeNetwork = true;
  const { soft } = process.report.getReport().userLimits.open_files;
  return soft === 'unlimited' ? Infinity : Number(soft);
}

/** What matches in what a process with a piped stdout prints. */
export function printed(child, pattern) {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`${child.spawnargs[1]} ended with ${code}`)));
    child.stdout.on('data', (more) => {
      text = (text + more).slice(-10_000);
      const found = pattern.exec(text);
      if (found) resolve(found[0]);
    });
  });
}
