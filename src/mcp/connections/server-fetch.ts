import { Agent, EnvHttpProxyAgent, fetch, type Dispatcher, type Response as Answer } from 'undici';
import { isJsonObject, parseJson } from '../../common/index.js';
import type { Settings } from '../../platform/config/index.js';
import { ConnectionFailure } from './connection.js';
import { limitedBody, tooLarge, type BodyLimit } from './limited-body.js';

/** The call's own limit decides how long a server may be silent. */
const NO_TIMEOUTS = { headersTimeout: 0, bodyTimeout: 0 };
const CONNECT_MS = 10_000;
/** The reason is at the beginning of an error. */
const ERROR_MAX_BYTES = 65_536;

/** Errors before a byte of the request was sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_ABORTED', // not by us: a proxy has refused to connect
]);
const CERTIFICATE = /CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_(?:VERIFY|GET)/;

/** As the platform and the SDK declare it. */
export type FetchLike = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** How servers are reached: direct, or through the proxy in the environment. */
export function routeTo(settings: Settings): Dispatcher {
  const { HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY } = settings;
  const [httpProxy, httpsProxy] = [HTTP_PROXY ?? ALL_PROXY ?? '', HTTPS_PROXY ?? ALL_PROXY ?? ''];
  const options = { ...NO_TIMEOUTS, connect: { timeout: CONNECT_MS } };
  if (httpProxy === '' && httpsProxy === '') return new Agent(options);
  // All three are given, because otherwise undici reads the environment itself.
  return new EnvHttpProxyAgent({ httpProxy, httpsProxy, noProxy: NO_PROXY ?? '', ...options });
}

/**
 * Fetch for one server: answers are limited in size, and an error says whether the server can have got the request.
 * @param maxBytes of one result.
 * @param onTooLarge told the body of a request whose answer is above the limit.
 */
export function serverFetch(
  dispatcher: Dispatcher,
  maxBytes: number,
  onTooLarge: (body: unknown) => void = () => undefined,
): FetchLike {
  return async (url, init = {}) => {
    let answer: Answer;
    try {
      answer = await fetch(url, { ...(init as object), dispatcher });
    } catch (error) {
      throw init.signal?.aborted ? error : unreachable(error);
    }
    if (answer.status === 202 && idOfCall(init.body) !== undefined)
      throw new ConnectionFailure('refused', 'it took the call, but will not answer it (HTTP 202)');
    const limit = answer.ok ? maxBytes : ERROR_MAX_BYTES;
    const onOverflow = (): Error | undefined => {
      if (!answer.ok) return undefined;
      onTooLarge(init.body);
      return tooLarge(maxBytes);
    };
    return limited(answer, { maxBytes: limit, onOverflow, onBreak: unreachable });
  };
}

function limited(answer: Answer, limit: Omit<BodyLimit, 'isEventStream'>): Response {
  const { body, status, statusText } = answer;
  const headers = new Headers([...answer.headers]);
  // They described the bytes on the wire, which are decoded by now.
  for (const name of ['content-length', 'content-encoding']) headers.delete(name);
  const isEventStream = /^text\/event-stream\b/i.test(headers.get('content-type') ?? '');
  const bytes = body && limitedBody(body as ReadableStream<Uint8Array>, { ...limit, isEventStream });
  return new Response(isBodyless(status) ? null : bytes, { status, statusText, headers });
}

function isBodyless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** The id of the message in a request's body, if the server must answer it. */
export function idOfCall(body: unknown): unknown {
  const message = typeof body === 'string' ? parseJson(body) : undefined;
  return isJsonObject(message) && 'method' in message ? message['id'] : undefined;
}

function unreachable(error: unknown): ConnectionFailure {
  const code = codeOf(error);
  if (NOT_SENT.has(code))
    return new ConnectionFailure('not_sent', `it cannot be reached (${code})`, { cause: error });
  if (CERTIFICATE.test(code))
    return new ConnectionFailure('not_sent', `its certificate is not accepted (${code})`, { cause: error });
  return new ConnectionFailure('lost', `the connection broke${code && ` (${code})`}`, { cause: error });
}

/** The code of the innermost error that has one. */
function codeOf(error: unknown): string {
  let code = '';
  for (let inner = error; isJsonObject(inner); inner = inner['cause'])
    if (typeof inner['code'] === 'string') code = inner['code'];
  return code;
}
