import { pinoHttp, type HttpLogger } from 'pino-http';
import type { Request, Response } from 'express';
import type { PinoLogger } from '../logging/index.js';
import { requestId } from './request-id.js';

/** Requested every few seconds by machines. */
const QUIET = new Set(['/health', '/health/live', '/health/ready', '/metrics']);

const path = (request: Request): string => request.originalUrl.split('?', 1)[0] ?? '';

/**
 * One line per response: id, method, path, status, time. No bodies, no headers, no query: those may contain secrets.
 */
export function requestLog(logger: PinoLogger): HttpLogger<Request, Response> {
  return pinoHttp<Request, Response>({
    logger: logger.pino,
    genReqId: requestId,
    quietReqLogger: true,
    wrapSerializers: false,
    autoLogging: { ignore: (request) => QUIET.has(path(request)) },
    customLogLevel: (_request, response) => (response.statusCode >= 500 ? 'error' : 'info'),
    customAttributeKeys: { reqId: 'request_id' },
    serializers: {
      req: (request: Request) => ({ method: request.method, path: path(request) }),
      res: (response: Response) => ({ status: response.statusCode }),
    },
  });
}
