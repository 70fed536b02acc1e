import type { AppError } from '../../common/index.js';

/** Codes of runs that failed, and of requests, which have a name of their own for clients of this door. */
const NAMES: Readonly<Record<string, string>> = {
  model_rate_limited: 'rate_limit',
  model_timeout: 'timeout',
  run_timeout: 'timeout',
  request_timeout: 'timeout',
  model_unavailable: 'service_unavailable',
  remote_unavailable: 'service_unavailable',
  worker_lost: 'service_unavailable',
  validation_failed: 'validation_error',
  unknown_agent: 'validation_error',
  // An expired session of the client's is one that it knows and the server does not.
  session_expired: 'session_expired',
  session_not_found: 'session_expired',
};

/** What a status means if its code has no name of its own. */
const OF_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid_input',
  413: 'invalid_input',
  415: 'invalid_input',
  422: 'invalid_input',
  429: 'rate_limit',
  503: 'service_unavailable',
};

/** The code of a failed run as clients of this door know it; others keep theirs. */
export function codeOfRun(code: string): string {
  return own(NAMES, code) ?? code;
}

/** The code of a rejected request as clients of this door know it; others keep theirs. */
export function codeOfRequest({ code, status }: Pick<AppError, 'code' | 'status'>): string {
  return own(NAMES, code) ?? own(OF_STATUS, status) ?? code;
}

/** Codes come from models and services, too. */
function own(names: Readonly<Record<string | number, string>>, key: string | number): string | undefined {
  return Object.hasOwn(names, key) ? names[key] : undefined;
}
