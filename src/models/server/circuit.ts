import CircuitBreaker from 'opossum';
import { ModelError, type Circuit, type CircuitState } from '../chat-model.js';

/** Failures count for this long. */
const WINDOW_MS = 60_000;
/** Percent of the attempts within the window that have to fail. */
const THRESHOLD = 50;

type Attempt = () => Promise<unknown>;

/** When a circuit opens, and for how long. */
export interface CircuitOptions {
  /** Attempts within a minute, at least half of which failed. */
  failures: number;
  /** Time until one request may try again. */
  openMs: number;
}

/**
 * Knows whether a model's server has failed so often that asking it is a waste of time. It only counts what lies with
 * the server: a request that was wrong, or cancelled, says nothing about it.
 */
export class ServerCircuit implements Circuit {
  private readonly breaker: CircuitBreaker<[Attempt]>;
  private isTrying = false;

  constructor({ failures, openMs }: CircuitOptions) {
    this.breaker = new CircuitBreaker((attempt: Attempt) => attempt(), {
      timeout: false, // a long answer is no failure; the watchdog knows silence
      volumeThreshold: failures,
      errorThresholdPercentage: THRESHOLD,
      rollingCountTimeout: WINDOW_MS,
      rollingCountBuckets: 6,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      resetTimeout: openMs,
      errorFilter: (error: unknown) => !blamesServer(error),
    });
  }

  get state(): CircuitState {
    if (this.breaker.opened) return 'open';
    return this.breaker.halfOpen ? 'half_open' : 'closed';
  }

  get mayAsk(): boolean {
    return !this.breaker.opened && !(this.breaker.halfOpen && this.isTrying);
  }

  async run<T>(attempt: () => Promise<T>): Promise<T> {
    if (!this.mayAsk) return this.anyway(attempt);
    const isTrial = this.breaker.halfOpen;
    this.isTrying = isTrial;
    try {
      return (await this.breaker.fire(attempt)) as T;
    } catch (error) {
      // A trial that was cancelled has shown nothing.
      if (isTrial && !(error instanceof ModelError)) this.breaker.open();
      throw error;
    } finally {
      if (isTrial) this.isTrying = false;
    }
  }

  /** There is no other model: a success is welcome, a failure no news. */
  private async anyway<T>(attempt: () => Promise<T>): Promise<T> {
    const result = await attempt();
    this.breaker.close();
    return result;
  }
}

function blamesServer(error: unknown): boolean {
  if (!(error instanceof ModelError)) return false;
  const { status } = error.options.provider ?? {};
  if (error.options.overflow || error.options.unsupported !== undefined) return false;
  return error.options.retryable || error.code !== 'model_rejected' || status === 401 || status === 403;
}
