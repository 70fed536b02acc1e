// Starts and stops what is measured: every server in a process of its own, with a data folder of its own.
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const root = path.resolve(here, '../..');
const STOP_LIMIT_MS = 10_000;
/** The bench must neither write to a user's database nor ask a model that costs money. */
const NOT_INHERITED = ['MONGODB_URI', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'];
const running = new Set();

/** A new folder beside the application's own data, so on the same disk. */
export function newDataFolder() {
  const base = path.join(root, '.data');
  mkdirSync(base, { recursive: true });
  return mkdtempSync(path.join(base, 'bench-'));
}

export const removeFolder = (folder) => rmSync(folder, { recursive: true, force: true });

/** Starts a script of the repository. BENCH_NODE_FLAGS goes to Node, for example --cpu-prof. */
export function start(script, { env = {}, stdout = 'inherit' } = {}) {
  const inherited = { ...process.env };
  for (const name of NOT_INHERITED) delete inherited[name];
  const child = fork(path.join(root, script), {
    cwd: root,
    env: { ...inherited, NODE_ENV: 'production', LOG_LEVEL: 'error', ...env },
    execArgv: process.env.BENCH_NODE_FLAGS?.split(' ') ?? [],
    stdio: ['ignore', stdout, 'inherit', 'ipc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** The first message of a process. */
export function firstMessage(child) {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${child.spawnargs[1]} ended with ${code}`)));
  });
}

/** Ends a process in order, and by force when that takes too long. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(timer);
}

export const stopAll = () => Promise.all([...running].map(stop));

/** Files that a process may have open: sockets are files. */
export function openFileLimit() {
  process.report.excludeNetwork = true;
  const { soft } = process.report.getReport().userLimits.open_files;
  return soft === 'unlimited' ? Infinity : Number(soft);
}

/** The first line that a process with a piped stdout prints. */
export function firstLine(child) {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${child.spawnargs[1]} ended with ${code}`)));
    child.stdout.once('data', (text) => resolve(String(text)));
  });
}
