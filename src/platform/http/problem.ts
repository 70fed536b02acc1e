import type { AppError, FieldError } from '../../common/index.js';

/** RFC 9457 problem details as every error answer of the API has them. */
export interface Problem {
  /** `urn:reprise:problem:{code}`. A name, not an address: nothing is there to be fetched. */
  type: string;
  /** The code in words. */
  title: string;
  status: number;
  detail: string;
  /** Stable snake_case word that programs may branch on. */
  code: string;
  /** Whether the same request may succeed later. */
  retryable: boolean;
  /** Finds the request in the server's log; also the `X-Request-Id` header. */
  request_id: string;
  /** The fields of a refused body or query. */
  errors?: readonly FieldError[];
}

/** Media type of {@link Problem}. */
export const PROBLEM_TYPE = 'application/problem+json';

/** `chat_not_found` → `Chat not found`. */
export function problemTitle(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The problem an error tells of. */
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
