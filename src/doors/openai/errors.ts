import type { Request } from 'express';
import { AppError, type FieldError } from '../../common/index.js';
import type { ErrorForm } from '../../platform/http/index.js';

/** The longest pause that the official client keeps; told to wait longer, it comes back sooner. */
const LONGEST_PAUSE_S = 60;

const UNDER_V1 = /^\/v1(?:[/?]|$)/i;

/** The answer of a request that waited for a run which failed. */
export class RunFailedError extends AppError<'run_failed'> {
  /** @param failureCode why the run failed. */
  constructor(
    error: string,
    readonly failureCode: string,
  ) {
    super('run_failed', { error });
  }
}

/** Errors as OpenAI's clients read them. They repeat a request unless `x-should-retry` says otherwise. */
export const openAiErrors: ErrorForm = {
  matches: ({ originalUrl }: Request) => UNDER_V1.test(originalUrl),
  type: 'application/json',
  body: (error) => JSON.stringify({ error: toOpenAiError(error) }),
  headers: (error) => {
    const { retryAfter } = error;
    return {
      'x-should-retry': String(mayRetry(error)),
      ...(retryAfter !== undefined && { 'Retry-After': String(Math.min(retryAfter, LONGEST_PAUSE_S)) }),
    };
  },
};

/** An error as it is in a body. */
export function toOpenAiError(error: AppError): {
  message: string;
  type: string;
  code: string;
  param: string | null;
} {
  const [first] = error.errors ?? [];
  return {
    message: first ? textOf(error, first) : error.message,
    type: typeOf(error),
    code: error instanceof RunFailedError ? error.failureCode : error.code,
    param: first?.field ?? (error.code === 'model_not_found' ? 'model' : null),
  };
}

/** A client that would have to wait for longer than it does is told to give up. */
const mayRetry = ({ retryable, retryAfter = 0 }: AppError): boolean =>
  retryable && retryAfter <= LONGEST_PAUSE_S;

/** Those clients show nothing but the message. */
function textOf({ message, errors = [] }: AppError, { field, message: fault }: FieldError): string {
  const others = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return field === '' ? message : `${field} ${fault}${others}.`;
}

function typeOf({ status }: AppError): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}
