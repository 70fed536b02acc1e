import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, Response } from 'express';

const SANE = /^[\w.-]{1,100}$/;
const ids = new WeakMap<IncomingMessage, string>();

/** Gives every request an id: the client's own `X-Request-Id` if it is safe to log, else a new one. */
export function assignRequestId(request: Request, response: Response, next: NextFunction): void {
  response.setHeader('X-Request-Id', requestId(request));
  next();
}

/** The id of a request. */
export function requestId(request: IncomingMessage): string {
  const known = ids.get(request);
  if (known !== undefined) return known;
  const sent = request.headers['x-request-id'];
  const id = typeof sent === 'string' && SANE.test(sent) ? sent : randomUUID();
  ids.set(request, id);
  return id;
}
