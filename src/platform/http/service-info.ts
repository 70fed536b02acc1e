import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** What programs are told at `/`, where people find the page. */
export interface ServiceInfo {
  service: string;
  version: string;
  status: 'running';
}

/** Answers requests for `/` that prefer JSON to HTML. Before the routes: it counts against no limit, as the page does. */
export function serveServiceInfo(version: string): RequestHandler {
  const info: ServiceInfo = { service: 'Reprise', version, status: 'running' };
  return (request: Request, response: Response, next: NextFunction) => {
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    if (request.path !== '/' || !isReading) {
      next();
      return;
    }
    response.vary('Accept');
    if (request.accepts(['html', 'json']) === 'json') response.json(info);
    else next();
  };
}
