import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { PinoLogger } from '../logging/index.js';
import type { Metrics, Span, Tracing } from '../telemetry/index.js';
import { requestId } from './request-id.js';
import { beginTrace, endTrace, traceIdOf } from './request-trace.js';

/** Requested every few seconds by machines. */
const QUIET = new Set(['/health', '/health/live', '/health/ready', '/metrics']);

const BEGIN = Symbol('begin');
const SPAN = Symbol('span');

type Timed = Response & { [BEGIN]?: number; [SPAN]?: Span };

/** Where requests are reported. */
export interface RequestObservers {
  metrics: Metrics;
  tracing: Tracing;
  logger: PinoLogger;
}

/**
 * Counts, times and traces every request by its route template, and writes one line per response: ids, method, path,
 * status, time. No bodies, no headers, no query: those may contain secrets.
 *
 * An open stream keeps alive whatever is stored here, so that is a single number, and a span if somebody traces: all
 * requests share a listener, and none has its own logger.
 */
export function observeRequests({ metrics, tracing, logger }: RequestObservers): RequestHandler {
  function onClose(this: Timed): void {
    const ms = performance.now() - (this[BEGIN] ?? 0);
    const { req: request, statusCode: status } = this;
    const about = { method: request.method, route: routeOf(request), status };
    metrics.http.end({ ...about, seconds: ms / 1000 });
    if (this[SPAN]) endTrace(this[SPAN], about);
    report(logger, this, ms);
  }
  return (request: Request, response: Timed, next: NextFunction) => {
    response[BEGIN] = performance.now();
    metrics.http.begin();
    const span = QUIET.has(request.path) ? undefined : beginTrace(tracing, request, response);
    if (span) response[SPAN] = span;
    response.on('close', onClose); // emitted once, whether or not the response is complete
    next();
  };
}

function report(logger: PinoLogger, response: Response, ms: number): void {
  const { req: request, statusCode: status } = response;
  const path = request.originalUrl.split('?', 1)[0] ?? '';
  if (QUIET.has(path)) return;
  const fields = {
    request_id: requestId(request),
    ...traceIdOf(request),
    ...idsIn(request),
    req: { method: request.method, path },
    res: { status },
    responseTime: Math.round(ms),
  };
  if (status >= 500) logger.writeSafe('error', fields, 'request errored');
  else logger.writeSafe('info', fields, response.writableEnded ? 'request completed' : 'request aborted');
}

/** What a request is about, as other lines name it. */
function idsIn({ params }: Partial<Request>): { chat_id?: string; message_id?: string } {
  const { chat_id, message_id } = (params ?? {}) as Partial<Record<string, unknown>>;
  return {
    ...(typeof chat_id === 'string' && { chat_id }),
    ...(typeof message_id === 'string' && { message_id }),
  };
}

function routeOf(request: Request): string {
  const route: unknown = request.route;
  if (typeof route === 'object' && route !== null && 'path' in route) return String(route.path);
  return 'none';
}
