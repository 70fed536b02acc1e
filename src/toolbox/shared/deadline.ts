import { describeSignal, fieldsOfSignal } from '../../platform/logging/index.js';
import { placeOfSignal, placeSignal } from '../../platform/telemetry/index.js';
import { ToolError } from '../../tools/index.js';

/** How long work may take, and on whose behalf. */
export interface Deadline {
  /** The call's own signal: its reason wins. */
  signal: AbortSignal;
  ms: number;
  /** Who is waited for, as the beginning of a sentence: `The mail server`. */
  peer: string;
}

/**
 * Runs work that ends when the call is aborted or the time is up, even if the work itself ignores its signal.
 * @throws ToolError `timed_out`; the call's own reason if it was aborted; what the work throws.
 */
export async function withDeadline<T>(
  { signal, ms, peer }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const end = new AbortController();
  describeSignal(end.signal, fieldsOfSignal(signal));
  placeSignal(end.signal, placeOfSignal(signal));
  const late = (): void => {
    end.abort(new ToolError(`${peer} did not answer within ${ms} ms. Try again later.`, 'timed_out'));
  };
  const follow = (): void => {
    end.abort(signal.reason);
  };
  const timer = setTimeout(late, ms);
  signal.addEventListener('abort', follow, { once: true });
  const ended = new Promise<never>((_resolve, reject) => {
    end.signal.addEventListener('abort', () => {
      reject(end.signal.reason as Error);
    });
  });
  try {
    return await Promise.race([ended, work(end.signal)]);
  } catch (error) {
    // What breaks because it was aborted says less than the reason.
    throw end.signal.aborted ? end.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', follow);
  }
}
