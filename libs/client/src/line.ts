import { connectionFailed, type RepriseError } from './errors.js';

/** One connection: ends with the caller's signal, or by itself when nothing arrives for too long. */
export class Line {
  /** Why it ended by itself. */
  failure: RepriseError | undefined;
  private readonly controller = new AbortController();
  private interrupt: (() => void) | undefined;

  /** @param silenceMs how long nothing may arrive while {@link watch} waits. */
  constructor(
    public silenceMs: number,
    private readonly outer: AbortSignal | undefined,
  ) {
    outer?.addEventListener('abort', this.close);
    if (outer?.aborted) this.close();
  }

  /** For everything that belongs to the connection. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /**
   * Waits for the next thing to arrive, at most until the connection ends. Time spent by the reader does not count.
   */
  async watch<T>(next: Promise<T>): Promise<T> {
    const interrupted = new Promise<never>((_resolve, reject) => {
      this.interrupt = () => {
        reject(this.failure ?? connectionFailed('The connection was closed.'));
      };
    });
    if (this.signal.aborted) this.interrupt?.();
    const timer = setTimeout(this.fail, this.silenceMs);
    try {
      return await Promise.race([next, interrupted]);
    } finally {
      clearTimeout(timer);
      this.interrupt = undefined;
    }
  }

  /** Closes the connection. */
  readonly close = (): void => {
    this.outer?.removeEventListener('abort', this.close);
    this.interrupt?.(); // first, so that a waiting reader gets our reason, not the one from `fetch`
    this.controller.abort();
  };

  private readonly fail = (): void => {
    this.failure = connectionFailed(`Nothing arrived for ${this.silenceMs} ms.`);
    this.close();
  };
}
