import { timedOut } from './provider-errors.js';

/** Aborts a request that shows no sign of life in time, or whose caller has aborted. */
export class Watchdog {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private isLast = false;

  /** @param caller aborts the request too, with its own reason. */
  constructor(private readonly caller: AbortSignal) {
    caller.addEventListener('abort', this.follow, { once: true });
    if (caller.aborted) this.follow();
  }

  /** Pass this to the request. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The end must come within `ms`, whatever else arrives. */
  expectEnd(ms: number): void {
    this.expect(ms);
    this.isLast = true;
  }

  /** The next sign of life must come within `ms`. */
  expect(ms: number): void {
    this.pause();
    this.timer = setTimeout(() => {
      this.controller.abort(timedOut());
    }, ms);
  }

  /** A sign of life: restarts the timer if it is running. */
  alive(): void {
    if (!this.isLast) this.timer?.refresh();
  }

  /** Nothing is expected: the delay is now on our side. */
  pause(): void {
    clearTimeout(this.timer);
    this.timer = undefined; // a cleared timer could still be refreshed
  }

  /** Stops watching. */
  stop(): void {
    this.pause();
    this.caller.removeEventListener('abort', this.follow);
  }

  private readonly follow = (): void => {
    this.controller.abort(this.caller.reason);
  };
}
