import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';

/** Waiting as a dependency, so that tests do not wait. */
export abstract class Pause {
  /** Resolves after `ms`. @throws the signal's reason when aborted. */
  abstract wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Waits on a timer. */
@Injectable()
export class TimerPause extends Pause {
  override async wait(ms: number, signal: AbortSignal): Promise<void> {
    await pause(ms, signal);
    signal.throwIfAborted();
  }
}

/**
 * Resolves after `ms`, or as soon as the signal is aborted. For code without dependency injection.
 * @param options with `ref: false` the timer does not keep the process alive.
 */
export async function pause(
  ms: number,
  signal?: AbortSignal,
  options: { ref?: boolean } = {},
): Promise<void> {
  await delay(ms, undefined, { ...options, ...(signal && { signal }) }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}
