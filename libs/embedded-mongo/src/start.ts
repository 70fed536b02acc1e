import { setTimeout as delay } from 'node:timers/promises';

import type { Hold } from './control.js';
import { diskFault, isNoSpace } from './disk.js';
import { prepareEngineFiles } from './engine-files.js';
import { EmbeddedMongoUnavailable, messageOf } from './errors.js';
import { attachOrLaunch, type Launch } from './launch.js';
import { nodeCommand } from './platform.js';

/** An engine that lived shorter than this died quickly; several in a row are a crash loop. */
const QUICK_DEATH_MS = 250;
const MAX_BACK_OFF_MS = 1_000;

/** Options of `startEmbeddedMongo`. */
export interface EmbeddedMongoOptions {
  /** Where data and log live; created if missing. Everything that uses the same directory shares one engine. */
  readonly directory: string;
  /** How long the engine outlives a last user that was killed, in milliseconds. Default 1000. */
  readonly lingerMs?: number;
  /**
   * How often documents that have expired according to TTL indexes are deleted, in milliseconds. Default 60000, like
   * MongoDB.
   */
  readonly ttlSweepMs?: number;
  /** How long a start or restart may take, in milliseconds. Default 30000. */
  readonly startTimeoutMs?: number;
  /** Called after the engine stopped under this process and was restarted on the same URI. */
  readonly onRestart?: (restart: EngineRestart) => void;
  /** Called when a restart failed; the next attempt follows soon. Without it, a process warning is emitted. */
  readonly onError?: (error: EmbeddedMongoUnavailable) => void;
}

/** An engine that stopped unexpectedly and was replaced. */
export interface EngineRestart {
  /** The new engine's process id. */
  readonly pid: number;
  /** How long there was no engine, in milliseconds. */
  readonly tookMs: number;
}

/** This process's share of a running engine. */
export interface EmbeddedMongo {
  /** For any MongoDB driver on this machine and user. Stays the same for this directory across restarts. */
  readonly uri: string;
  /** The engine's process id; changes with a restart. */
  readonly pid: number;
  /**
   * Releases the engine. Settles at once if other users remain; for the last user, when the engine has closed and its
   * process has exited. Never rejects; repeated calls count as one. Close your driver's clients first.
   */
  stop(): Promise<void>;
}

/**
 * Starts MongoDB's engine on a directory in a separate process, or joins the one already running there. If it stops
 * while in use (a crash, a kill), it is restarted automatically on the same URI.
 * @throws EmbeddedMongoUnavailable if the engine cannot run on this machine or does not start
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const { directory, lingerMs = 1_000, ttlSweepMs = 60_000, startTimeoutMs = 30_000 } = options;
  const command = await nodeCommand();
  try {
    const settings = { files: await prepareEngineFiles(directory), lingerMs, ttlSweepMs };
    const launch = { command, settings, timeoutMs: startTimeoutMs };
    return new SupervisedEngine(launch, await attachOrLaunch(launch), options);
  } catch (error) {
    if (isNoSpace(error)) throw (await diskFault(directory, error)) ?? error;
    throw error;
  }
}

class SupervisedEngine implements EmbeddedMongo {
  readonly uri: string;
  #hold: Hold;
  /** The hold, or the next one during a restart. */
  #nextHold: Promise<Hold>;
  #stopped: Promise<void> | undefined;

  constructor(
    private readonly launch: Launch,
    hold: Hold,
    private readonly callbacks: Pick<EmbeddedMongoOptions, 'onRestart' | 'onError'>,
  ) {
    this.uri = launch.settings.files.uri;
    this.#hold = hold;
    this.#nextHold = Promise.resolve(hold);
    void this.#supervise();
  }

  get pid(): number {
    return this.#hold.pid;
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#nextHold.then(
      (hold) => hold.release(),
      () => undefined, // there is no engine to release
    ));
  }

  async #supervise(): Promise<void> {
    let quickDeaths = 0;
    while (!this.#isStopped()) {
      const since = performance.now();
      await this.#hold.closed;
      const died = performance.now();
      quickDeaths = died - since < QUICK_DEATH_MS ? quickDeaths + 1 : 0;
      if (quickDeaths > 1) await pause(10 * 2 ** quickDeaths);
      await this.#restart(died);
    }
  }

  /** Never gives up: its user cannot do without the engine, and whatever keeps it from starting may pass. */
  async #restart(died: number): Promise<void> {
    while (!this.#isStopped()) {
      this.#nextHold = attachOrLaunch(this.launch);
      const hold = await this.#nextHold.catch((error: unknown) => {
        this.#reportFailure(error);
      });
      if (hold) {
        this.#hold = hold;
        if (!this.#isStopped())
          this.callbacks.onRestart?.({ pid: hold.pid, tookMs: performance.now() - died });
        return;
      }
      await pause(MAX_BACK_OFF_MS);
    }
  }

  /** A method, because stop() may come during any await. */
  #isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  #reportFailure(cause: unknown): void {
    void this.#tell(cause);
  }

  async #tell(cause: unknown): Promise<void> {
    const { directory } = this.launch.settings.files;
    const error =
      cause instanceof EmbeddedMongoUnavailable
        ? cause
        : ((await diskFault(directory, cause)) ?? new EmbeddedMongoUnavailable(messageOf(cause), { cause }));
    if (this.callbacks.onError) this.callbacks.onError(error);
    else process.emitWarning(error);
  }
}

/** Waits without keeping the process alive. */
function pause(ms: number): Promise<void> {
  return delay(Math.min(ms, MAX_BACK_OFF_MS), undefined, { ref: false });
}
