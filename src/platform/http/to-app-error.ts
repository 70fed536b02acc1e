import { HttpException } from '@nestjs/common';
import { Error as MongooseErrors } from 'mongoose';
import { AppError } from '../../common/index.js';
import type { Request } from 'express';
import { isTooLargeError, isTransientMongoError } from '../mongo/index.js';
import { routeNotFound } from './route-not-found.js';

/** `type` of body-parser's errors → what they mean here. */
const BODY_ERRORS: Readonly<Record<string, () => AppError>> = {
  'entity.parse.failed': () => new AppError('invalid_json', {}),
  'entity.too.large': () => new AppError('body_too_large'),
  'charset.unsupported': () => new AppError('unsupported_media_type', {}),
  'encoding.unsupported': () => new AppError('unsupported_media_type', { encoding: true }),
  'request.size.invalid': () => new AppError('invalid_body', {}),
  'request.aborted': () => new AppError('request_aborted'),
};

/** Problems that say no more than their status; any other 4xx status is a `bad_request`. */
const STATUS_CODES = {
  401: 'unauthorized',
  403: 'forbidden',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  409: 'conflict',
  429: 'too_many_requests',
  503: 'unavailable',
} as const;

/** What a client is told about anything that was thrown. Only what is known to be harmless is passed on. */
export function toAppError(thrown: unknown, request: Request): AppError {
  if (isAppError(thrown)) return thrown;
  // Nest wraps the errors of Express and its middleware; the original error is the cause.
  if (thrown instanceof HttpException && thrown.cause instanceof Error) {
    return known(thrown.cause) ?? fromHttpException(thrown, request);
  }
  if (thrown instanceof HttpException) return fromHttpException(thrown, request);
  return known(thrown) ?? new AppError('internal_error').causedBy(thrown);
}

function known(error: unknown): AppError | undefined {
  if (isAppError(error)) return error;
  if (isDatabaseDown(error)) {
    return new AppError('database_unavailable').causedBy(error);
  }
  if (isTooLargeError(error)) return new AppError('too_large_to_store', {}).causedBy(error);
  if (!(error instanceof Error)) return undefined;
  const body = BODY_ERRORS[fieldOf(error, 'type')];
  if (body) return body().causedBy(error);
  // Only the router's own, which have a status. A URIError without one is our fault.
  if (error instanceof URIError && 'status' in error) {
    return new AppError('malformed_url');
  }
  if (fieldOf(error, 'code').startsWith('Z_') || /^ERR_(_?BROTLI|_?ZSTD)/.test(fieldOf(error, 'code'))) {
    return new AppError('invalid_body', { compressed: true });
  }
  return undefined;
}

/** `instanceof` alone would lose the codes. */
const isAppError = (error: unknown): error is AppError => error instanceof AppError;

function isDatabaseDown(error: unknown): boolean {
  if (isTransientMongoError(error) || error instanceof MongooseErrors.MongooseServerSelectionError)
    return true;
  return error instanceof MongooseErrors && error.message.includes('buffering timed out');
}

function fromHttpException(exception: HttpException, request: Request): AppError {
  const status = exception.getStatus();
  const error = status === 404 ? routeNotFound(request) : fromStatus(status, exception.message);
  return error.causedBy(exception);
}

function fromStatus(status: number, message: string): AppError {
  if (status === 413) return new AppError('body_too_large');
  if (status === 415) return new AppError('unsupported_media_type', {});
  if (status in STATUS_CODES) {
    const code = STATUS_CODES[status as keyof typeof STATUS_CODES];
    return new AppError(code, { message });
  }
  return status < 500 ? new AppError('bad_request', { message }) : new AppError('internal_error');
}

function fieldOf(error: Error, name: string): string {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : '';
}
