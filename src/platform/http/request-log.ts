import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { PinoLogger } from '../logging/index.js';
import type { Metrics } from '../telemetry/index.js';
import { requestId } from './request-id.js';

/** Requested every few seconds by machines. */
const QUIET = new Set(['/health', '/health/live', '/health/ready', '/metrics']);

const BEGIN = Symbol('begin');

type Timed = Response & { [BEGIN]?: number };

/**
 * Counts and times every request by its route template, and writes one line per response: id, method, path, status,
 * time. No bodies, no headers, no query: those may contain secrets.
 *
 * An open stream keeps alive whatever is stored here, so that is a single number: all requests share a listener, and
 * none has its own logger.
 */
export function observeRequests(metrics: Metrics, logger: PinoLogger): RequestHandler {
  function onClose(this: Timed): void {
    const ms = performance.now() - (this[BEGIN] ?? 0);
    const { req: request, statusCode: status } = this;
    metrics.observeRequest({ method: request.method, route: routeOf(request), status, seconds: ms / 1000 });
    report(logger, this, ms);
  }
  return (_request: Request, response: Timed, next: NextFunction) => {
    response[BEGIN] = performance.now();
    response.on('close', onClose); // emitted once, whether or not the response is complete
    next();
  };
}

function report({ pino }: PinoLogger, response: Response, ms: number): void {
  const { req: request, statusCode: status } = response;
  const path = request.originalUrl.split('?', 1)[0] ?? '';
  if (QUIET.has(path)) return;
  const fields = {
    request_id: requestId(request),
    req: { method: request.method, path },
    res: { status },
    responseTime: Math.round(ms),
  };
  if (status >= 500) pino.error(fields, 'request errored');
  else pino.info(fields, response.writableEnded ? 'request completed' : 'request aborted');
}

function routeOf(request: Request): string {
  const route: unknown = request.route;
  if (typeof route === 'object' && route !== null && 'path' in route) return String(route.path);
  return 'none';
}
