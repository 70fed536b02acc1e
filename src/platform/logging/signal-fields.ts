import type { LogFields } from './log.js';

const known = new WeakMap<AbortSignal, LogFields>();

/**
 * Notes what the work that a signal can end belongs to. A call's signal is handed to whatever works for it, so code
 * that knows neither run nor request can still say what its lines belong to. An `AsyncLocalStorage` would do the same,
 * at the expense of every promise of the process.
 */
export function describeSignal(signal: AbortSignal, fields: LogFields): void {
  known.set(signal, fields);
}

/** What the work belongs to; nothing if nobody said so. */
export function fieldsOfSignal(signal: AbortSignal | undefined): LogFields {
  return (signal && known.get(signal)) ?? {};
}
