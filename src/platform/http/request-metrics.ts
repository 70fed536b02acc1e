import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Metrics } from '../telemetry/index.js';

/** Counts and times every request by its route template. */
export function requestMetrics(metrics: Metrics): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const begin = performance.now();
    response.once('close', () => {
      metrics.observeRequest({
        method: request.method,
        route: routeOf(request),
        status: response.statusCode,
        seconds: (performance.now() - begin) / 1000,
      });
    });
    next();
  };
}

function routeOf(request: Request): string {
  const route: unknown = request.route;
  if (typeof route === 'object' && route !== null && 'path' in route) return String(route.path);
  return 'none';
}
