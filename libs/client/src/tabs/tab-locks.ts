/** Releases a lock. Calling it again has no effect. */
export type Release = () => void;

/** Locks shared by the tabs of one origin. The browser takes them away from tabs that are closed or crash. */
export interface TabLocks {
  /** @returns `null` if another tab holds it. */
  tryTake(name: string): Promise<Release | null>;
  /** Waits until it is free. Rejects if the signal is aborted first. */
  take(name: string, signal: AbortSignal): Promise<Release>;
}
