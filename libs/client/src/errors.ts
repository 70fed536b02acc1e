/** One invalid field of a rejected request. */
export interface FieldError {
  /** Dotted path, for example `metadata.tender_id`. */
  readonly field: string;
  readonly message: string;
}

/** The details of a {@link RepriseError}. */
export interface ErrorInit {
  status: number;
  code: string;
  retryable: boolean;
  requestId?: string | null;
  errors?: readonly FieldError[];
  retryAfterMs?: number | null;
}

/** Any response other than 2xx, or no response at all. `message` is a sentence for a person. */
export class RepriseError extends Error {
  override readonly name = 'RepriseError';
  /** HTTP status; 0 if no response arrived. */
  readonly status: number;
  /**
   * The server's stable snake_case code, or `connection_failed`, `timed_out`, `http_error`, `not_a_stream`,
   * `no_stream`, `invalid_event`.
   */
  readonly code: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Identifies the request in the server's log. */
  readonly requestId: string | null;
  /** The invalid fields of a rejected body or query. */
  readonly errors: readonly FieldError[];
  /** How long the server asks the client to wait, ms. */
  readonly retryAfterMs: number | null;

  constructor(message: string, init: ErrorInit, options?: ErrorOptions) {
    super(message, options);
    this.status = init.status;
    this.code = init.code;
    this.retryable = init.retryable;
    this.requestId = init.requestId ?? null;
    this.errors = init.errors ?? [];
    this.retryAfterMs = init.retryAfterMs ?? null;
  }
}

/** RFC 9457 problem details as the server writes them; a proxy in between may write anything. */
interface Problem {
  detail?: string;
  code?: string;
  retryable?: boolean;
  request_id?: string;
  errors?: FieldError[];
}

const DAY_MS = 86_400_000;

/** Turns a response other than 2xx into an error. Reads its body. */
export async function errorOf(response: Response): Promise<RepriseError> {
  const { status, headers } = response;
  const problem = await problemIn(response);
  return new RepriseError(problem.detail ?? `The server answered ${status}.`, {
    status,
    code: problem.code ?? 'http_error',
    retryable: problem.retryable ?? isPassing(status),
    requestId: problem.request_id ?? headers.get('x-request-id'),
    errors: problem.errors ?? [],
    retryAfterMs: retryAfterMs(headers.get('retry-after')),
  });
}

/** The connection failed: no response arrived, or it broke off. */
export function connectionFailed(message: string, cause?: unknown): RepriseError {
  return new RepriseError(message, { status: 0, code: 'connection_failed', retryable: true }, { cause });
}

/** Whether a status describes a temporary condition rather than a fault of the request. */
export function isPassing(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

async function problemIn(response: Response): Promise<Problem> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {}; // not JSON, or cut off: the status is enough
  }
}

/** `Retry-After` in seconds or as a date → ms from now, at most a day. */
function retryAfterMs(value: string | null): number | null {
  if (value === null) return null;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), DAY_MS);
}
