import { storageLocks } from './storage-locks.js';

/** Gives a lock back. Once is enough, more often does no harm. */
export type Release = () => void;

/** Locks that the tabs of one origin share. The browser takes them from tabs that close or crash. */
export interface TabLocks {
  /** @returns `null` when another one has it. */
  tryTake(name: string): Promise<Release | null>;
  /** Waits until it is free. Rejects when the signal is aborted before. */
  take(name: string, signal: AbortSignal): Promise<Release>;
}

/** The part of the Web Locks API that this needs. */
interface LockManager {
  request(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    callback: (lock: object | null) => Promise<void> | undefined,
  ): Promise<unknown>;
}

/**
 * Web Locks. Pages on plain http other than localhost have none: leases in `localStorage` then.
 * @returns `null` where there is neither.
 */
export function tabLocks(): TabLocks | null {
  const { navigator } = globalThis as { navigator?: { locks?: LockManager } };
  return navigator?.locks ? webLocks(navigator.locks) : storageLocks();
}

function webLocks(locks: LockManager): TabLocks {
  const held = (resolve: (release: Release) => void): Promise<void> =>
    new Promise((done) => {
      resolve(() => {
        done();
      });
    });
  return {
    tryTake: (name) =>
      new Promise((resolve) => {
        const onAnswer = (lock: object | null): Promise<void> | undefined => {
          if (lock) return held(resolve);
          resolve(null);
          return undefined;
        };
        // A page without an origin has none: it goes its own way.
        locks.request(name, { ifAvailable: true }, onAnswer).catch(() => {
          resolve(() => undefined);
        });
      }),
    take: (name, signal) =>
      new Promise((resolve, reject) => {
        locks.request(name, { signal }, () => held(resolve)).catch(reject);
      }),
  };
}
