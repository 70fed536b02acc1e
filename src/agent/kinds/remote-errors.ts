import { ModelError } from '../../models/index.js';

/** The service of a remote agent cannot be used now. */
export function unavailable(host: string, what: string, cause?: unknown): ModelError {
  return new ModelError('remote_unavailable', `The remote agent (${host}) ${what}.`, {
    retryable: true,
    cause,
  });
}

/** The service answered with another HTTP status than 2xx. */
export function refused(host: string, status: number): ModelError {
  const retryable = status === 429 || status >= 500;
  const message = `The remote agent (${host}) answered HTTP ${status}.`;
  return new ModelError(retryable ? 'remote_unavailable' : 'remote_rejected', message, {
    retryable,
    provider: { status },
  });
}

/** Part of an answer has come, and the rest will not. */
export function incomplete(host: string): ModelError {
  const message = `The answer of the remote agent (${host}) broke off before its end.`;
  return new ModelError('remote_incomplete', message, { retryable: true, final: true });
}

/** The agent itself says that it has failed. */
export function failed(words: string): ModelError {
  const message = `The remote agent reported a failure${words === '' ? '.' : `: ${words}`}`;
  return new ModelError('remote_failed', message, { retryable: false, final: true });
}
