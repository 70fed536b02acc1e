import { HttpException } from '@nestjs/common';
import { Error as MongooseErrors } from 'mongoose';
import { AppError } from '../../common/index.js';
import { isTransientMongoError } from '../mongo/index.js';
import { problemCatalogue } from './problem-catalogue.js';

/** `type` of body-parser's errors → what they mean here. */
const BODY_ERRORS: Readonly<Record<string, { status: number; code: string; detail: string }>> = {
  'entity.parse.failed': { ...problemCatalogue.invalid_json, code: 'invalid_json' },
  'entity.too.large': {
    status: 413,
    code: 'body_too_large',
    detail: 'The body is larger than this server takes.',
  },
  'charset.unsupported': { ...problemCatalogue.unsupported_media_type, code: 'unsupported_media_type' },
  'encoding.unsupported': {
    status: 415,
    code: 'unsupported_media_type',
    detail: 'This Content-Encoding is not supported; use identity, gzip, deflate or br.',
  },
  'request.size.invalid': {
    status: 400,
    code: 'invalid_body',
    detail: 'The body is not as long as Content-Length says.',
  },
  'request.aborted': {
    status: 400,
    code: 'request_aborted',
    detail: 'The request ended before its body did.',
  },
};

/** Codes of errors that say no more than their status. */
const STATUS_CODES: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'route_not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  409: 'conflict',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
};

/** What a client is told about anything that was thrown. Only what is known to be harmless is passed on. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  // Nest wraps the errors of Express and its middleware; what happened is in the cause.
  if (thrown instanceof HttpException && thrown.cause instanceof Error) {
    return known(thrown.cause) ?? fromHttpException(thrown);
  }
  if (thrown instanceof HttpException) return fromHttpException(thrown);
  return (
    known(thrown) ??
    new AppError({ ...problemCatalogue.internal_error, code: 'internal_error' }, { cause: thrown })
  );
}

function known(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (isDatabaseDown(error)) {
    const { status, detail } = problemCatalogue.database_unavailable;
    return new AppError({ status, detail, code: 'database_unavailable', retryAfter: 1 }, { cause: error });
  }
  if (!(error instanceof Error)) return undefined;
  const body = BODY_ERRORS[fieldOf(error, 'type')];
  if (body) return new AppError(body, { cause: error });
  // Only the router's own: it gives them a status. A URIError without one is a fault of ours.
  if (error instanceof URIError && 'status' in error) {
    return new AppError({ ...problemCatalogue.malformed_url, code: 'malformed_url' });
  }
  if (fieldOf(error, 'code').startsWith('Z_') || /^ERR_(_?BROTLI|_?ZSTD)/.test(fieldOf(error, 'code'))) {
    return new AppError({ status: 400, code: 'invalid_body', detail: 'The body cannot be decompressed.' });
  }
  return undefined;
}

function isDatabaseDown(error: unknown): boolean {
  if (isTransientMongoError(error) || error instanceof MongooseErrors.MongooseServerSelectionError)
    return true;
  return error instanceof MongooseErrors && error.message.includes('buffering timed out');
}

function fromHttpException(exception: HttpException): AppError {
  const status = exception.getStatus();
  const code =
    STATUS_CODES[status] ??
    (status === 503 ? 'unavailable' : status < 500 ? 'request_refused' : 'internal_error');
  const detail = status < 500 ? exception.message : problemCatalogue.internal_error.detail;
  return new AppError({ status, code, detail }, { cause: exception });
}

function fieldOf(error: Error, name: string): string {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : '';
}
