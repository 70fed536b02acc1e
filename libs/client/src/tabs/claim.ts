import type { Release, TabLocks } from './tab-locks.js';

/** A claim on one of several locks: held, or waiting. */
export class Claim {
  private release: Release | null = null;
  private readonly waiting = new AbortController();

  private constructor(private readonly onGranted: () => void) {}

  /**
   * Takes any free lock; if there is none, waits for the first that becomes free.
   * @param onGranted called if a lock is granted after a wait.
   */
  static async of(locks: TabLocks, names: readonly string[], onGranted: () => void): Promise<Claim> {
    const claim = new Claim(onGranted);
    for (const name of names) {
      claim.release = await locks.tryTake(name);
      if (claim.release) return claim;
    }
    for (const name of names) claim.wait(locks.take(name, claim.waiting.signal));
    return claim;
  }

  isHeld(): boolean {
    return this.release !== null;
  }

  /** Releases the lock, or stops waiting. */
  drop(): void {
    this.waiting.abort();
    this.release?.();
    this.release = null;
  }

  private wait(taking: Promise<Release>): void {
    taking.then(
      (release) => {
        if (this.waiting.signal.aborted) {
          release();
          return;
        }
        this.release = release;
        this.waiting.abort(); // the others
        this.onGranted();
      },
      () => undefined, // aborted
    );
  }
}
