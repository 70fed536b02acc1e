/** Gives a lock back. Once is enough, more often does no harm. */
export type Release = () => void;

/** Locks that the tabs of one origin share. The browser takes them from tabs that close or crash. */
export interface TabLocks {
  /** @returns `null` when another one has it. */
  tryTake(name: string): Promise<Release | null>;
  /** Waits until it is free. Rejects when the signal is aborted before. */
  take(name: string, signal: AbortSignal): Promise<Release>;
}
