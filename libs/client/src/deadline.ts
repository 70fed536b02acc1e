import { RepriseError } from './errors.js';

/** Runs `work` with a signal that is aborted when `outer` is, or after `ms`; then it rejects with `timed_out`. */
export async function within<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
  const pass = (): void => {
    controller.abort(outer?.reason);
  };
  const timer = setTimeout(() => {
    controller.abort(timedOut(ms));
  }, ms);
  outer?.addEventListener('abort', pass);
  if (outer?.aborted) pass();
  try {
    return await Promise.race([work(signal), aborted]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', pass);
  }
}

function timedOut(ms: number): RepriseError {
  const message = `The server did not answer within ${Math.round(ms / 100) / 10} s.`;
  return new RepriseError(message, { status: 0, code: 'timed_out', retryable: true });
}
