import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { ModelError } from '../chat-model.js';
import { NO_MONEY, readFault, type ProviderFault } from '../server/provider-fault.js';

/**
 * What went wrong at the provider, in words without secrets: the provider's own message may quote keys or hosts and
 * stays in `cause`.
 */
export function toModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof APIConnectionTimeoutError) return timedOut(error);
  if (error instanceof APIConnectionError) {
    return new ModelError('model_unavailable', 'The model provider could not be reached.', {
      retryable: true,
      cause: error,
    });
  }
  if (!(error instanceof APIError) || error.status === undefined) return broken(error);
  const { status, headers } = error as { status: number; headers: Headers | undefined };
  const retryAfterMs = readRetryAfter(headers);
  return fromFault(
    {
      ...readFault(error.error),
      status,
      isStatusGuessed: false,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    },
    error,
  );
}

/**
 * An error object that arrived where an answer was expected: in a chunk, in a choice, as the body of a 200. The rules
 * are those of HTTP statuses, given by a number (`code`, `status` …) or by a word (`code`, `type` …) of the object.
 */
export function errorFromObject(value: unknown): ModelError {
  const fault = readFault(value);
  if (fault.status !== undefined) return fromFault(fault, value);
  const message = 'The model provider reported a failure inside its answer.';
  return new ModelError('model_stream_broken', message, { retryable: true, cause: value });
}

/** No sign of life for too long. */
export function timedOut(cause?: unknown): ModelError {
  return new ModelError('model_timeout', 'The model took too long to answer.', { retryable: true, cause });
}

/** The stream ended without saying that it is complete. */
export function broken(cause?: unknown): ModelError {
  return new ModelError('model_stream_broken', 'The connection to the model was lost.', {
    retryable: true,
    cause,
  });
}

/** The provider said that it stopped before the answer was complete. @param word how it said so. */
export function brokenOff(word: string): ModelError {
  const shown = /^[\w .-]{1,60}$/.test(word) ? ` (${word})` : '';
  const message = `The model broke off its answer${shown}.`;
  return new ModelError('model_stream_broken', message, { retryable: true, cause: word });
}

function fromFault(
  { status = 500, word, isStatusGuessed, retryAfterMs }: ProviderFault,
  cause: unknown,
): ModelError {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429) {
    // OpenAI also answers 429 when the account has no credit left; waiting does not help then.
    const retryable = word !== NO_MONEY;
    const message = retryable
      ? 'The model provider is rate limiting our requests.'
      : "The model provider's quota is used up.";
    return new ModelError('model_rate_limited', message, { retryable, ...wait, cause });
  }
  const label = [...(isStatusGuessed ? [] : [`HTTP ${status}`]), ...(word === undefined ? [] : [word])].join(
    ', ',
  );
  if (status >= 500 || status === 408 || status === 409) {
    const shown = isStatusGuessed ? label : `HTTP ${status}`;
    const message = `The model provider is not available at the moment (${shown}).`;
    return new ModelError('model_unavailable', message, { retryable: true, ...wait, cause });
  }
  const message = `The model provider rejected the request (${label}).${hintOf(status)}`;
  return new ModelError('model_rejected', message, { retryable: false, cause });
}

function hintOf(status: number): string {
  const hints: Record<number, string> = {
    401: ' Check OPENAI_API_KEY.',
    403: ' Check OPENAI_API_KEY.',
    404: ' Check OPENAI_MODEL and OPENAI_BASE_URL.',
  };
  return hints[status] ?? '';
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
