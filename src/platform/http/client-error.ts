import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { NextFunction, Request, Response } from 'express';
import { AppError } from '../../common/index.js';
import { PROBLEM_TYPE, toProblem } from './problem.js';

/** Answers what is not even valid HTTP with a problem as well. Node's own responses have no body. */
export function answerClientErrors(server: Server): void {
  // The newest response on each connection: with pipelining the next request may arrive before the last one is complete.
  const answering = new WeakMap<Duplex, ServerResponse>();
  function forget(this: ServerResponse): void {
    const { socket } = this.req;
    if (answering.get(socket) === this) answering.delete(socket);
  }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answering.set(request.socket, response);
    response.on('close', forget); // shared by all responses: an open stream keeps its listeners alive
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const open = answering.get(socket);
    // After a complete request, or in the middle of its response (e.g. a stream), this one would be mistaken for that
    // response.
    const taken = open !== undefined && (open.req.complete || open.headersSent);
    if (error.code === 'ECONNRESET' || !socket.writable || taken) socket.destroy();
    else socket.end(answer(error.code));
  });
  // `refuseUnfitRequests` rejects these two.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  Object.assign(server, { requireHostHeader: false });
}

/** What Node would reject by itself, but without an explanation. */
export function refuseUnfitRequests(request: Request, _response: Response, next: NextFunction): void {
  const { expect, host } = request.headers;
  if (host === undefined && request.httpVersion === '1.1') {
    next(new AppError('malformed_request', { host: false }));
  } else if (expect !== undefined && !/^100-continue$/i.test(expect.trim())) {
    next(new AppError('expectation_failed'));
  } else next();
}

function answer(code: string | undefined): string {
  const error = toClientError(code);
  const id = randomUUID();
  const body = JSON.stringify(toProblem(error, id));
  return [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
    'Connection: close',
    `X-Request-Id: ${id}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

function toClientError(code: string | undefined): AppError {
  if (code === 'HPE_HEADER_OVERFLOW') return new AppError('headers_too_large');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new AppError('request_timeout');
  return new AppError('malformed_request', {});
}
