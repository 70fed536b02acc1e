import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { attach, type Hold } from './control.js';
import { diskFault } from './disk.js';
import { EmbeddedMongoUnavailable, messageOf } from './errors.js';
import { IN_USE, type HostSettings } from './host-settings.js';

// The host always runs compiled, even if this file runs from src (tests), where dist is next to it as well.
const HOST_SCRIPT = fileURLToPath(new URL('../dist/host.js', import.meta.url));
const POLL_MS = 10;
const FAILED_STARTS_ALLOWED = 3;
const LOG_LIMIT_BYTES = 1_000_000;
const LOG_TAIL_CHARS = 1_500;

/** How to start a host, determined once per user so that a restart costs only the engine's own start. */
export interface Launch {
  /** Node, or Node with another C library: see `nodeCommand`. */
  readonly command: readonly string[];
  readonly settings: HostSettings;
  readonly timeoutMs: number;
}

/**
 * A hold on this directory's single engine: the running one, or a new one. Any number of processes may race.
 * @throws EmbeddedMongoUnavailable if the engine keeps failing, or is not there in time
 */
export async function attachOrLaunch(launch: Launch): Promise<Hold> {
  const { files } = launch.settings;
  const deadline = performance.now() + launch.timeoutMs;
  let host: HostProcess | undefined;
  let failures = 0;
  while (performance.now() < deadline) {
    const hold = await attach(files.controlSocket, launch.timeoutMs);
    if (hold) return hold;
    host ??= new HostProcess(launch);
    await Promise.race([host.ended, delay(POLL_MS)]);
    if (host.outcome === undefined) continue;
    if (host.outcome.failed && ++failures === FAILED_STARTS_ALLOWED) {
      const full = await diskFault(files.directory);
      if (full) throw full;
      throw new EmbeddedMongoUnavailable(`the engine ended with ${host.outcome.how}${tailOf(files.log)}`);
    }
    host = undefined;
    await delay(POLL_MS * 2 ** failures);
  }
  const seconds = launch.timeoutMs / 1000;
  throw new EmbeddedMongoUnavailable(
    `no engine answered on ${files.controlSocket} within ${seconds} s. Another process may hold ${files.data}${tailOf(files.log)}`,
  );
}

/** A host that this process started. It is not necessarily the one that ends up serving. */
class HostProcess {
  /** `undefined` while it runs. Losing a race and a regular stop are not failures. */
  outcome: { failed: boolean; how: string } | undefined;
  readonly ended: Promise<void>;

  constructor({ command, settings }: Launch) {
    if (!existsSync(HOST_SCRIPT)) {
      throw new EmbeddedMongoUnavailable(
        `${HOST_SCRIPT} is not built (npm run build -w libs/embedded-mongo)`,
      );
    }
    const log = openLog(settings.files.log);
    const [program = process.execPath, ...prefix] = command;
    const child = spawn(program, [...prefix, HOST_SCRIPT, JSON.stringify(settings)], {
      cwd: settings.files.directory,
      // A separate process group: Ctrl-C in a terminal must reach the users, and the engine only through them.
      detached: true,
      stdio: ['ignore', log, log],
      // NODE_OPTIONS may contain what is meant only for the application: a debugger's port, a relative preload.
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    closeSync(log);
    child.unref();
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.outcome = { failed: code !== 0 && code !== IN_USE, how: signal ?? `code ${code ?? '?'}` };
        resolve();
      });
      child.once('error', (error) => {
        this.outcome = { failed: true, how: messageOf(error) };
        resolve();
      });
    });
  }
}

function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) truncateSync(file);
  return openSync(file, 'a', 0o600);
}

function tailOf(file: string): string {
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return text === '' ? '' : `. The end of ${file}:\n${text.slice(-LOG_TAIL_CHARS)}\n`;
}
