import { BackOff, pause } from './back-off.js';
import { within } from './deadline.js';
import { connectionFailed, errorOf, RepriseError } from './errors.js';

/** What `new Headers()` takes. */
export type HeadersInput = ConstructorParameters<typeof Headers>[0];

/** How a client reaches its server. */
export interface ClientOptions {
  /**
   * Where the server is, without `/api`; `''`, the default, is the origin of the page. Required outside of browsers.
   */
  baseUrl?: string;
  /** Default: the global `fetch`. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Sent with every request. */
  headers?: HeadersInput;
  /**
   * Called for more headers before every request and connection. After a 401 it is called again with `refresh: true`,
   * and the request is retried once. If it throws, that counts as a lost connection, because its own source may be
   * unreachable too; a {@link RepriseError} is passed on.
   */
  getHeaders?: (why: { refresh: boolean }) => HeadersInput | Promise<HeadersInput>;
  /**
   * How often a request that is safe to repeat is retried when no response arrived or the server asks for it. Default
   * 2.
   */
  maxRetries?: number;
  /**
   * Time limit for a request with all its retries, ms; then it fails with `timed_out`. Does not apply to uploads and
   * streams. Default: none; set it where a person waits, because a browser holds requests back while all its
   * connections are in use.
   */
  timeoutMs?: number;
  /** The longest wait before a broken stream is reopened, ms. Default 30 s; use less where a person is watching. */
  longestWaitMs?: number;
}

/** One request for JSON. */
export interface JsonRequest {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Including `/api`. */
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: object | undefined;
  /** Instead of `body`. */
  form?: FormData;
  idempotencyKey?: string;
  /** Whether it is safe to send it twice. Default: true for a GET and for a request with a key. */
  isRepeatable?: boolean;
  /** How long it takes depends on the connection: {@link ClientOptions.timeoutMs} does not apply. */
  isUpload?: boolean;
  signal?: AbortSignal | undefined;
}

/** The longest wait asked for by the server that is honoured, ms: a person is waiting for the response. */
const LONGEST_PATIENCE_MS = 10_000;
const FIRST_WAIT_MS = 500;

/** Requests with the client's base address and headers. Any response other than 2xx becomes a {@link RepriseError}. */
export class Http {
  private readonly baseUrl: string;

  constructor(private readonly options: ClientOptions) {
    const { baseUrl = '' } = options;
    if (baseUrl === '' && !('location' in globalThis))
      throw new TypeError('Outside of a browser, set `baseUrl`.');
    this.baseUrl = baseUrl.replace(/\/+$/, '');
  }

  /** See {@link ClientOptions}. */
  get longestWaitMs(): number | undefined {
    return this.options.longestWaitMs;
  }

  /** The parsed body; `undefined` for a 204. An abort rejects with the signal's reason. */
  async json<T>(request: JsonRequest): Promise<T> {
    const { timeoutMs } = this.options;
    const once = (each: JsonRequest): Promise<T> => this.once<T>(each);
    if (timeoutMs === undefined || request.isUpload) return this.repeated(request, once);
    return within(timeoutMs, request.signal, (signal) => this.repeated({ ...request, signal }, once));
  }

  /** The bytes of the response, however long they take. An abort rejects with the signal's reason. */
  blob(request: Pick<JsonRequest, 'path' | 'signal'>): Promise<Blob> {
    return this.repeated(request, async ({ path, signal }) => {
      const response = await this.open(path, signal ? { signal } : {});
      try {
        return await response.blob();
      } catch (cause) {
        signal?.throwIfAborted();
        throw connectionFailed('The answer broke off.', cause);
      }
    });
  }

  private async repeated<T>(request: JsonRequest, once: (request: JsonRequest) => Promise<T>): Promise<T> {
    const { method = 'GET', idempotencyKey, signal } = request;
    const isRepeatable = request.isRepeatable ?? (method === 'GET' || idempotencyKey !== undefined);
    const backOff = new BackOff(FIRST_WAIT_MS);
    for (let retries = isRepeatable ? (this.options.maxRetries ?? 2) : 0; ; retries--) {
      try {
        return await once(request);
      } catch (error) {
        if (retries <= 0 || !isWorthAWait(error)) throw error;
        await pause(backOff.next(error.retryAfterMs), error.status === 0, signal);
        signal?.throwIfAborted();
      }
    }
  }

  /** Like {@link json}, without retries. */
  async once<T>({
    method = 'GET',
    path,
    query,
    body,
    form,
    idempotencyKey,
    signal,
  }: JsonRequest): Promise<T> {
    const init: RequestInit = { method, headers: jsonHeaders(body, idempotencyKey) };
    if (body !== undefined) init.body = JSON.stringify(body);
    else if (form) init.body = form;
    if (signal) init.signal = signal;
    const response = await this.open(path + queryString(query), init);
    if (response.status === 204) return undefined as T;
    try {
      return (await response.json()) as T;
    } catch (cause) {
      signal?.throwIfAborted();
      throw connectionFailed('The answer broke off.', cause);
    }
  }

  /** A 2xx response whose body has not been read yet. */
  async open(path: string, init: RequestInit): Promise<Response> {
    let response = await this.send(path, init, false);
    if (response.status === 401 && this.options.getHeaders) {
      await response.body?.cancel();
      response = await this.send(path, init, true);
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  private async send(path: string, init: RequestInit, refresh: boolean): Promise<Response> {
    const { fetch = globalThis.fetch, headers, getHeaders } = this.options;
    try {
      const all = merged(headers, await getHeaders?.({ refresh }), init.headers);
      return await fetch(this.baseUrl + path, { ...init, headers: all });
    } catch (cause) {
      init.signal?.throwIfAborted();
      if (cause instanceof RepriseError) throw cause;
      throw connectionFailed('The server cannot be reached.', cause);
    }
  }
}

/** 128 random bits. Not `crypto.randomUUID()`, which pages on plain http do not have. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function isWorthAWait(error: unknown): error is RepriseError {
  return error instanceof RepriseError && error.retryable && (error.retryAfterMs ?? 0) <= LONGEST_PATIENCE_MS;
}

function jsonHeaders(body: object | undefined, idempotencyKey: string | undefined): Record<string, string> {
  return {
    accept: 'application/json',
    ...(body && { 'content-type': 'application/json' }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  };
}

function queryString(query: JsonRequest['query'] = {}): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  const text = given.toString();
  return text && `?${text}`;
}

/** Later ones win. */
function merged(...inputs: HeadersInput[]): Headers {
  const all = new Headers();
  for (const input of inputs) for (const [name, value] of new Headers(input)) all.set(name, value);
  return all;
}
