/** A place in a trace: what another process needs to continue it (W3C Trace Context). */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly trace_id: string;
  /** 16 hexadecimal digits. */
  readonly span_id: string;
  /** Whether somebody records the trace. */
  readonly sampled: boolean;
  /** It comes from another process. Default: false. */
  readonly remote?: boolean;
}

/** A later version may append fields; version ff is forbidden. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NOTHING = /^0+$/;

/** Reads the header `traceparent`; `undefined` if it is missing or not valid, as the specification demands. */
export function readTraceparent(header: unknown): TraceContext | undefined {
  if (typeof header !== 'string' || header.length > 512) return undefined;
  const [, version, trace_id = '', span_id = '', flags = '', more] = TRACEPARENT.exec(header.trim()) ?? [];
  if (version === undefined || NOTHING.test(trace_id) || NOTHING.test(span_id)) return undefined;
  if (version === '00' && more !== undefined) return undefined;
  return { trace_id, span_id, sampled: (parseInt(flags, 16) & 1) === 1, remote: true };
}

/** The header `traceparent`; nothing without a trace. */
export function traceparentOf(context: TraceContext | undefined): string | undefined {
  return context && `00-${context.trace_id}-${context.span_id}-${context.sampled ? '01' : '00'}`;
}

/** The header for a request to another service; nothing without a trace. */
export function traceHeaders(context: TraceContext | undefined): { traceparent?: string } {
  const traceparent = traceparentOf(context);
  return traceparent === undefined ? {} : { traceparent };
}
