import type { AppError, FieldError } from '../../common/index.js';

/** RFC 9457 problem details as in every error response of the API. */
export interface Problem {
  /** `urn:reprise:problem:{code}`. A name, not an address: there is nothing to fetch. */
  type: string;
  /** The code in words. */
  title: string;
  status: number;
  detail: string;
  /** Stable snake_case code for programs to branch on. */
  code: string;
  /** Whether the same request may succeed later. */
  retryable: boolean;
  /** Identifies the request in the server's log; also in the `X-Request-Id` header. */
  request_id: string;
  /** The invalid fields of a rejected body or query. */
  errors?: readonly FieldError[];
}

/** Media type of {@link Problem}. */
export const PROBLEM_TYPE = 'application/problem+json';

/** `chat_not_found` → `Chat not found`. */
export function problemTitle(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The problem that describes an error. */
export function toProblem(error: AppError, requestId: string): Problem {
  return {
    type: `urn:reprise:problem:${error.code}`,
    title: problemTitle(error.code),
    status: error.status,
    detail: error.message,
    code: error.code,
    retryable: error.retryable,
    request_id: requestId,
    ...(error.errors && { errors: error.errors }),
  };
}
