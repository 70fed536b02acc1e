/** The longest wait the client chooses by default, ms. */
export const LONGEST_WAIT_MS = 30_000;

/**
 * How long to wait before the next attempt: exponential with full jitter, so that clients do not all return at once.
 */
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

  /** An attempt succeeded. */
  reset(): void {
    this.failures = 0;
  }

  /**
   * @param atLeastMs what the server asked for in `Retry-After`; the jitter is added to it.
   * @returns ms
   */
  next(atLeastMs: number | null = null): number {
    const bound = Math.min(this.longestMs, Math.max(1, this.baseMs) * 2 ** this.failures++);
    return Math.round((atLeastMs ?? 0) + Math.random() * bound);
  }
}

/** Only browsers report that the network is back. */
const network = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;

/**
 * Resolves after `ms`, or as soon as the signal is aborted.
 * @param isLineDead the connection failed, not the server: stop waiting when the browser comes back online.
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
