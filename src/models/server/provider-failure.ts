import { redactSecrets } from '../../common/index.js';
import { ModelError, type ModelErrorOptions } from '../chat-model.js';
import { readOverflow } from './context-overflow.js';
import type { ProviderErrors } from './provider-errors.js';
import { isHtml, readCause, type Refusal } from './refusal.js';
import { unsupportedPart } from './unsupported.js';

/** What undici reports about a proxy that does not open a tunnel. */
const PROXY_REFUSED = /proxy response \((\d+)\)/i;

/** Something other than a model is at the provider's address: a web site, a sign-in page, a proxy. */
export function notAnApi(errors: ProviderErrors, host: string, status: number): ModelError {
  const options = { retryable: false, provider: { status, type: 'html' } };
  return new ModelError('model_rejected', `The model endpoint (${host}) ${didNotRespond(errors)}`, options);
}

/** What a server sent instead of an answer, and what must never be shown. */
export interface FailureSource {
  errors: ProviderErrors;
  /** Present if the server rejected the request by HTTP; otherwise an error object may be in `cause`. */
  refusal: Refusal | undefined;
  secrets: readonly string[];
}

/**
 * A failure with what its provider said, and what follows from it: whether a shorter request would be accepted, or one
 * without some part. The provider's own words stay unchanged in `cause`, and appear without secrets in `provider`.
 */
export function withProviderCause(failure: ModelError, source: FailureSource): ModelError {
  if (failure.options.provider) return failure;
  const refusal = source.refusal ?? refusalIn(failure.options.cause, source.errors);
  if (!refusal) return withCode(failure);
  const safe = { ...refusal, text: redactSecrets(refusal.text, source.secrets) };
  const provider = readCause(safe);
  const overflow = readOverflow(refusal);
  const unsupported = overflow ? undefined : unsupportedPart(refusal);
  const final = overflow !== undefined || unsupported !== undefined;
  const options: ModelErrorOptions = {
    ...failure.options,
    provider,
    ...(overflow && { overflow }),
    ...(unsupported && { unsupported }),
    ...(final && { retryable: false }),
  };
  const message = wording(failure, refusal, source.errors);
  return new ModelError(final ? 'model_rejected' : failure.code, message, options);
}

const didNotRespond = ({ settings: { api, url } }: ProviderErrors): string =>
  `did not respond like ${api}. Check ${url}.`;

/** Different words if the HTTP status alone says too little. */
function wording(failure: ModelError, { status, text }: Refusal, errors: ProviderErrors): string {
  if (isHtml(text) && failure.code === 'model_rejected')
    return `The model endpoint ${didNotRespond(errors)} It answered HTTP ${status ?? 0} with a web page.`;
  if (status === 405) return `${failure.message} Check ${errors.settings.url}.`;
  return failure.message;
}

/** An error object inside a stream, or the error of the provider's client. */
function refusalIn(cause: unknown, errors: ProviderErrors): Refusal | undefined {
  const failure = errors.failureIn(cause);
  if (failure) {
    const { status, headers, error } = failure;
    return error === undefined && status === undefined
      ? undefined
      : { status, headers, text: JSON.stringify(error ?? {}) };
  }
  if (typeof cause !== 'object' || cause === null || cause instanceof Error) return undefined;
  return { text: JSON.stringify(cause) };
}

/** The code from the operating system or the client, e.g. ECONNREFUSED. */
function withCode(failure: ModelError): ModelError {
  const code = codeOf(failure.options.cause);
  if (code === undefined) return failure;
  const options = { ...failure.options, provider: { code } };
  const refused = PROXY_REFUSED.exec(String(deepest(failure.options.cause).message))?.[1];
  if (refused === undefined) return new ModelError(failure.code, failure.message, options);
  const login = refused === '407' ? ' It wants a user name and a password.' : '';
  return new ModelError(
    failure.code,
    `The proxy refused the connection to the model (HTTP ${refused}).${login}`,
    options,
  );
}

function codeOf(error: unknown): string | undefined {
  return chain(error)
    .map(({ code }) => code)
    .find((code) => typeof code === 'string');
}

const deepest = (error: unknown): { message?: unknown } => chain(error).at(-1) ?? {};

/** An error and its causes; undici's belong to several classes. */
function chain(error: unknown): { message?: unknown; code?: unknown; cause?: unknown }[] {
  const links: { message?: unknown; code?: unknown; cause?: unknown }[] = [];
  for (let at = error; typeof at === 'object' && at !== null && links.length < 10; at = links.at(-1)?.cause)
    links.push(at);
  return links;
}
