import { existsSync } from 'node:fs';
import path from 'node:path';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

const ASSET = /^\/assets\/[\w.-]+\.(?:js|mjs|css|svg)$/;

/** Serves the copies that the build has compressed. Safe by the name alone: an asset's path is one plain file name. */
export function preferGzip(build: string): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    if (!ASSET.test(request.path)) {
      next();
      return;
    }
    response.vary('Accept-Encoding');
    const isWanted = request.acceptsEncodings('gzip') === 'gzip';
    if (isWanted && existsSync(path.join(build, `${request.path}.gz`))) {
      response.type(path.extname(request.path)).set('Content-Encoding', 'gzip');
      request.url = `${request.path}.gz`;
    }
    next();
  };
}
