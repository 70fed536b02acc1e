import { setTimeout as delay } from 'node:timers/promises';
import { mongo } from 'mongoose';

/** True when the database could not be reached or was restarting: the same call may succeed later. */
export function isTransientMongoError(error: unknown): boolean {
  if (error instanceof mongo.MongoServerSelectionError) return true;
  if (error instanceof mongo.MongoOperationTimeoutError) return true;
  if (error instanceof mongo.MongoNetworkError || isBrokenSocket(error)) return true;
  // A bulk write whose connection broke wraps what broke it.
  if (error instanceof mongo.MongoBulkWriteError && isTransientMongoError(error.errorResponse)) return true;
  return error instanceof mongo.MongoError && error.hasErrorLabel('RetryableWriteError');
}

const BROKEN_SOCKET = new Set<unknown>(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ENOTCONN', 'ETIMEDOUT']);

/** The driver passes on some errors of its sockets as they are, or with their code in an error of its own. */
function isBrokenSocket(error: unknown): boolean {
  return error instanceof Error && 'code' in error && BROKEN_SOCKET.has(error.code);
}

/** True for a write that a unique index refused. */
export function isDuplicateKeyError(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === 11_000;
}

/** How {@link retryTransient} waits. */
export interface RetryPolicy {
  /** Stops waiting; the last error is thrown. */
  signal?: AbortSignal;
  /** Give up after this many milliseconds. Default: never. */
  forMs?: number;
}

const LONGEST_PAUSE_MS = 1000;

/**
 * Runs an *idempotent* call until the database answers: a restart of the database is a pause, not a failure.
 * @throws what the call throws when that is not transient, or when the policy ends.
 */
export async function retryTransient<T>(call: () => Promise<T>, policy: RetryPolicy = {}): Promise<T> {
  const deadline = Date.now() + (policy.forMs ?? Infinity);
  for (let pause = 20; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!isTransientMongoError(error) || policy.signal?.aborted || Date.now() + pause > deadline)
        throw error;
      await delay(pause, undefined, { ...(policy.signal && { signal: policy.signal }) }).catch(
        () => undefined,
      );
    }
  }
}
