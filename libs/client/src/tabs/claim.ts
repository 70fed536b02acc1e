import type { Release, TabLocks } from './tab-locks.js';

/** One of several locks: held, or waited for. */
export class Claim {
  private release: Release | null = null;
  private readonly waiting = new AbortController();

  private constructor(private readonly onGranted: () => void) {}

  /**
   * Takes whichever of the locks is free; when none is, waits for the first that becomes free.
   * @param onGranted called when waiting was worth it.
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

  /** Gives it back, or waits no longer. */
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
