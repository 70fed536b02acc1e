import { traceHeaders, type TraceContext } from './trace-context.js';

const places = new WeakMap<AbortSignal, TraceContext>();

/** Notes the place in a trace of the work that a signal can end, for whatever works for it. */
export function placeSignal(signal: AbortSignal, context: TraceContext | undefined): void {
  if (context) places.set(signal, context);
}

/** The place in a trace of the work that a signal can end. */
export function placeOfSignal(signal: AbortSignal): TraceContext | undefined {
  return places.get(signal);
}

/** The header `traceparent` for a request that belongs to that work; nothing without a trace. */
export function traceHeadersOf(signal: AbortSignal): { traceparent?: string } {
  return traceHeaders(places.get(signal));
}
