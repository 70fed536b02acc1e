import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { ModelError } from '../chat-model.js';

/** What went wrong at the provider, in words that hold no secret: its own message may quote keys or hosts and stays in `cause`. */
export function toModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof APIConnectionTimeoutError) return timedOut(error);
  if (error instanceof APIConnectionError) {
    return new ModelError('model_unavailable', 'The model provider could not be reached.', {
      retryable: true,
      cause: error,
    });
  }
  // A fault reported in the middle of a stream has no status.
  const failure: APIError | undefined = error instanceof APIError ? error : undefined;
  return failure?.status === undefined ? broken(error) : fromStatus(failure.status, failure);
}

/** No sign of life for too long. */
export function timedOut(cause?: unknown): ModelError {
  return new ModelError('model_timeout', 'The model took too long to answer.', { retryable: true, cause });
}

/** The stream ended without saying that it is complete. */
export function broken(cause?: unknown): ModelError {
  return new ModelError('model_stream_broken', 'The connection to the model was cut.', {
    retryable: true,
    cause,
  });
}

function fromStatus(status: number, error: APIError): ModelError {
  const retryAfterMs = readRetryAfter(error.headers);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429) {
    // OpenAI says 429 too when the account has no money left; waiting does not help then.
    const retryable = error.code !== 'insufficient_quota';
    const message = retryable
      ? 'The model provider is limiting our requests.'
      : "The model provider's quota is used up.";
    return new ModelError('model_rate_limited', message, { retryable, ...wait, cause: error });
  }
  if (status >= 500 || status === 408 || status === 409) {
    const message = `The model provider is not available at the moment (HTTP ${status}).`;
    return new ModelError('model_unavailable', message, { retryable: true, ...wait, cause: error });
  }
  return new ModelError('model_rejected', rejection(status, error), { retryable: false, cause: error });
}

function rejection(status: number, error: APIError): string {
  const reason =
    typeof error.code === 'string' && /^[a-z0-9_]{1,60}$/.test(error.code) ? `, ${error.code}` : '';
  const hint =
    {
      401: ' Check OPENAI_API_KEY.',
      403: ' Check OPENAI_API_KEY.',
      404: ' Check OPENAI_MODEL and OPENAI_BASE_URL.',
    }[status] ?? '';
  return `The model provider refused the request (HTTP ${status}${reason}).${hint}`;
}

/** `retry-after-ms`, or `Retry-After` in seconds or as a date. */
function readRetryAfter(headers: Headers | undefined): number | undefined {
  const ms = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (ms >= 0) return ms;
  const text = headers?.get('retry-after');
  if (!text) return undefined;
  const wait = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return wait >= 0 ? wait : undefined;
}
