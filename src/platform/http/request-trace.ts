import type { Request, Response } from 'express';
import type { IncomingMessage } from 'node:http';
import type { Origin } from '../../common/index.js';
import {
  readTraceparent,
  traceparentOf,
  type Span,
  type TraceContext,
  type Tracing,
} from '../telemetry/index.js';
import { requestId } from './request-id.js';

const traces = new WeakMap<IncomingMessage, TraceContext>();

/**
 * Makes a request a part of the trace that its `traceparent` names, or begins one; the answer names it in `X-Trace-Id`.
 * @returns the span to end with the response; nothing if nobody traces.
 */
export function beginTrace(tracing: Tracing, request: Request, response: Response): Span | undefined {
  const parent = readTraceparent(request.headers.traceparent);
  if (!tracing.isOn && !parent) return undefined;
  const { method } = request;
  const attributes = { 'http.request.method': method, 'reprise.request_id': requestId(request) };
  const span = tracing.start({ name: method, kind: 'server', parent, attributes });
  if (!span.context) return undefined;
  traces.set(request, span.context);
  response.setHeader('X-Trace-Id', span.context.trace_id);
  return span;
}

/** Ends the span of a request. */
export function endTrace(
  span: Span,
  { method, route, status }: { method: string; route: string; status: number },
): void {
  if (span.isRecording) {
    span.rename(route === 'none' ? method : `${method} ${route}`);
    span.set({ 'http.response.status_code': status, ...(route !== 'none' && { 'http.route': route }) });
    if (status >= 500) span.fail(String(status));
  }
  span.end();
}

/** The field of a log line that names the trace of a request; nothing without one. */
export function traceIdOf(request: IncomingMessage): { trace_id?: string } {
  const trace = traces.get(request);
  return trace ? { trace_id: trace.trace_id } : {};
}

/** What is kept of a request for the run that it starts. */
export function originOf(request: IncomingMessage): Origin {
  const traceparent = traceparentOf(traces.get(request));
  return { request_id: requestId(request), ...(traceparent !== undefined && { traceparent }) };
}
