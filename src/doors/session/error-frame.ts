import type { Request } from 'express';
import type { AppError } from '../../common/index.js';
import type { ErrorForm } from '../../platform/http/index.js';
import { codeOfRequest } from './error-codes.js';
import { framed } from './frames.js';

/**
 * Rejections of `POST /chat/stream`. Its client reads the body as a stream whatever the status is, so that it learns of
 * an error only from a frame. A client that accepts JSON gets a problem document.
 */
export const sessionErrors: ErrorForm = {
  type: 'text/event-stream',
  matches: ({ path, headers: { accept = '' } }: Request) =>
    /^\/chat\/stream\/?$/i.test(path) && !/\bjson\b/i.test(accept),
  body: (error) => framed([['error', errorData(error)]]),
};

function errorData(error: AppError): Record<string, unknown> {
  const fields = (error.errors ?? []).map(({ field, message }) => `${field} ${message}`);
  const message = fields.length > 0 ? `${error.message} ${fields.join('; ')}.` : error.message;
  return { code: codeOfRequest(error), message, retryable: error.retryable };
}
