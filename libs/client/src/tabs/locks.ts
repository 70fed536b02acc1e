import type { Release, TabLocks } from './tab-locks.js';
import { storageLocks } from './storage-locks.js';

/** The part of the Web Locks API that is needed here. */
interface LockManager {
  request(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    callback: (lock: object | null) => Promise<void> | undefined,
  ): Promise<unknown>;
}

/**
 * Web Locks. Pages on plain http other than localhost do not have them and use leases in `localStorage`.
 * @returns `null` if neither is available.
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
        // A page without an origin has none: it does not share.
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
