import { mongo } from 'mongoose';
import { pause } from '../../common/index.js';

/** True if the database could not be reached or was restarting: the same call may succeed later. */
export function isTransientMongoError(error: unknown): boolean {
  if (error instanceof mongo.MongoServerSelectionError) return true;
  if (error instanceof mongo.MongoOperationTimeoutError) return true;
  if (error instanceof mongo.MongoNetworkError || isBrokenSocket(error)) return true;
  // A bulk write whose connection broke wraps the original error.
  if (error instanceof mongo.MongoBulkWriteError && isTransientMongoError(error.errorResponse)) return true;
  return error instanceof mongo.MongoError && error.hasErrorLabel('RetryableWriteError');
}

const BROKEN_SOCKET = new Set<unknown>(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ENOTCONN', 'ETIMEDOUT']);

/** The driver passes on some socket errors unchanged, or puts their code into its own error. */
function isBrokenSocket(error: unknown): boolean {
  return error instanceof Error && 'code' in error && BROKEN_SOCKET.has(error.code);
}

/** True for a write that a unique index rejected. */
export function isDuplicateKeyError(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === 11_000;
}

/** The server's messages about a document that is too large, or would be after the update; also for an oplog entry. */
const TOO_LARGE = new Set<unknown>([10_334, 17_419, 17_420]);

/**
 * True for a write of more than one document can hold (16 MB). If it is slightly more, the server rejects it, or the
 * driver before sending; above 17 MB, the driver only says that its buffer is exhausted.
 */
export function isTooLargeError(error: unknown): boolean {
  if (error instanceof mongo.MongoServerError) return TOO_LARGE.has(error.code);
  if (error instanceof mongo.MongoInvalidArgumentError) return error.message.includes('maximum size');
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return code === 'ERR_OUT_OF_RANGE' && String(message).includes(`<= ${17 * 1024 * 1024}`);
}

/** True if the database does not write because its disk is full, or has less space than it requires. */
export function isDiskFullError(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === OUT_OF_DISK_SPACE;
}

const OUT_OF_DISK_SPACE = 14_031;

/** How {@link retryTransient} waits. */
export interface RetryPolicy {
  /** Stops waiting; the last error is thrown. */
  signal?: AbortSignal;
  /** Give up after this many milliseconds. Default: never. */
  forMs?: number;
}

const LONGEST_PAUSE_MS = 1000;

/**
 * Runs an *idempotent* call until the database answers: a database restart is a pause, not a failure.
 * @throws what the call throws if that is not transient, or when the policy ends.
 */
export async function retryTransient<T>(call: () => Promise<T>, policy: RetryPolicy = {}): Promise<T> {
  const deadline = Date.now() + (policy.forMs ?? Infinity);
  for (let ms = 20; ; ms = Math.min(ms * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!isTransientMongoError(error) || policy.signal?.aborted || Date.now() + ms > deadline) throw error;
      await pause(ms, policy.signal);
    }
  }
}
