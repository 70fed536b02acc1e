import { connectionFailed, type RepriseError } from './errors.js';

/** One connection: ends with the caller's signal, and by itself when nothing comes for too long. */
export class Line {
  /** Why it ended by itself. */
  failure: RepriseError | undefined;
  private readonly controller = new AbortController();
  private interrupt: (() => void) | undefined;

  /** @param silenceMs how long nothing may come while {@link watch} waits. */
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

  /** Waits for the next thing to come, but not beyond the end of the line. Time that a reader takes does not count. */
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

  /** Hangs up. */
  readonly close = (): void => {
    this.outer?.removeEventListener('abort', this.close);
    this.interrupt?.(); // first: whoever watches shall hear our reason, not that of `fetch`
    this.controller.abort();
  };

  private readonly fail = (): void => {
    this.failure = connectionFailed(`Nothing came for ${this.silenceMs} ms.`);
    this.close();
  };
}
