import { ModelError } from '../chat-model.js';
import { NO_MONEY, readFault, type ProviderFault } from './provider-fault.js';

/** Where an operator looks when a provider says no: names of settings, for advice in messages. */
export interface ProviderSettings {
  /** Holds the key. */
  key: string;
  /** Names the model. */
  model: string;
  /** Holds the address. */
  url: string;
  /** What should be at that address, e.g. "an OpenAI API". */
  api: string;
}

type ErrorClass = abstract new (...args: never[]) => Error;

/** The error classes of a provider's client. */
export interface ClientErrors {
  /** Nobody answered. */
  connection: ErrorClass;
  /** Nobody answered in time. */
  timeout: ErrorClass;
  /** The server answered with an error; has `status`, `headers` and the parsed body in `error`. */
  api: ErrorClass;
}

/** What an error of the client, or its body, says. */
interface ApiFailure {
  status: number | undefined;
  headers: Headers | undefined;
  error: unknown;
}

/**
 * What went wrong at a provider, in words without secrets: the provider's own message may quote keys or hosts and
 * stays in `cause`.
 */
export class ProviderErrors {
  constructor(
    readonly settings: ProviderSettings,
    private readonly classes: ClientErrors,
  ) {}

  /** Anything that the provider's client, or the connection, has thrown. */
  from(error: unknown): ModelError {
    if (error instanceof ModelError) return error;
    if (error instanceof this.classes.timeout) return timedOut(error);
    if (error instanceof this.classes.connection) return unreachable(error);
    const failure = this.failureIn(error);
    if (failure?.status === undefined) return broken(error);
    const retryAfterMs = readRetryAfter(failure.headers);
    const fault = {
      ...readFault(failure.error),
      status: failure.status,
      isStatusGuessed: false,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
    return this.fromFault(fault, error);
  }

  /** The response to a question about the server. @param body its parsed body. */
  fromResponse(status: number, body: unknown): ModelError {
    return this.fromFault({ ...readFault(body), status, isStatusGuessed: false }, body);
  }

  /**
   * An error object that arrived where an answer was expected: in a chunk, in a choice, as the body of a 200. The rules
   * are those of HTTP statuses, given by a number (`code`, `status` …) or by a word (`code`, `type` …) of the object.
   */
  fromObject(value: unknown): ModelError {
    const fault = readFault(value);
    if (fault.status !== undefined) return this.fromFault(fault, value);
    const message = 'The model provider reported a failure inside its answer.';
    return new ModelError('model_stream_broken', message, { retryable: true, cause: value });
  }

  /** The server's answer inside an error of the client; `undefined` for other errors. */
  failureIn(error: unknown): ApiFailure | undefined {
    return error instanceof this.classes.api ? (error as Error & ApiFailure) : undefined;
  }

  private fromFault(fault: ProviderFault, cause: unknown): ModelError {
    const { status = 500, word, isStatusGuessed, retryAfterMs } = fault;
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    if (status === 429) {
      // OpenAI also answers 429 when the account has no credit left; waiting does not help then.
      const retryable = word !== NO_MONEY;
      const message = retryable
        ? 'The model provider is rate limiting our requests.'
        : "The model provider's quota is used up.";
      return new ModelError('model_rate_limited', message, { retryable, ...wait, cause });
    }
    const label = [isStatusGuessed ? undefined : `HTTP ${status}`, word].filter(Boolean).join(', ');
    if (status >= 500 || status === 408 || status === 409) {
      const shown = isStatusGuessed ? label : `HTTP ${status}`;
      const message = `The model provider is not available at the moment (${shown}).`;
      return new ModelError('model_unavailable', message, { retryable: true, ...wait, cause });
    }
    const message = `The model provider rejected the request (${label}).${this.hintOf(status)}`;
    return new ModelError('model_rejected', message, { retryable: false, cause });
  }

  private hintOf(status: number): string {
    const { key, model, url } = this.settings;
    const hints: Record<number, string> = {
      401: ` Check ${key}.`,
      403: ` Check ${key}.`,
      404: ` Check ${model} and ${url}.`,
    };
    return hints[status] ?? '';
  }
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

function unreachable(cause: unknown): ModelError {
  const message = 'The model provider could not be reached.';
  return new ModelError('model_unavailable', message, { retryable: true, cause });
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
