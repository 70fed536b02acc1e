/** The longest that a client waits of its own accord, ms, unless it is told otherwise. */
export const LONGEST_WAIT_MS = 30_000;

/** How long to wait before trying again: exponential with full jitter, so that many clients do not come back at once. */
export class BackOff {
  private failures = 0;

  /**
   * @param baseMs upper bound of the first wait.
   * @param longestMs upper bound of every wait.
   */
  constructor(
    public baseMs: number,
    private readonly longestMs = LONGEST_WAIT_MS,
  ) {}

  /** It works again. */
  reset(): void {
    this.failures = 0;
  }

  /**
   * @param atLeastMs what the server asked for, `Retry-After`; the jitter comes on top.
   * @returns ms
   */
  next(atLeastMs: number | null = null): number {
    const bound = Math.min(this.longestMs, Math.max(1, this.baseMs) * 2 ** this.failures++);
    return Math.round((atLeastMs ?? 0) + Math.random() * bound);
  }
}

/** Browsers tell when the network is back; elsewhere nobody does. */
const network = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;

/**
 * Resolves after `ms`, or as soon as the signal is aborted.
 * @param isLineDead it was not the server that failed: do not wait on when the browser has its network back.
 */
export async function pause(ms: number, isLineDead: boolean, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      network.removeEventListener?.('online', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener('abort', wake);
    if (isLineDead) network.addEventListener?.('online', wake);
  });
}
