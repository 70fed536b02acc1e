/** What an {@link AppError} says; every field reaches the client as RFC 9457 problem members. */
export interface ProblemInit {
  /** HTTP status, 400..599. */
  status: number;
  /** Stable snake_case word that programs may branch on. */
  code: string;
  /** One sentence for a person. Never holds stack traces or other tenants' data. */
  detail: string;
  /** Whether the same request may succeed later. Default: false for 4xx, true for 503. */
  retryable?: boolean;
  /** Field errors of a bad body or query. */
  errors?: FieldError[];
  /** Seconds for the `Retry-After` header. */
  retryAfter?: number;
}

/** One field of a request that was refused. */
export interface FieldError {
  /** Dotted path, for example `metadata.tender_id`. */
  field: string;
  message: string;
}

/** An error a client may see. Thrown anywhere; turned into `application/problem+json` by the one HTTP filter. */
export class AppError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryable: boolean;
  readonly errors: FieldError[] | undefined;
  readonly retryAfter: number | undefined;

  constructor(init: ProblemInit, options?: ErrorOptions) {
    super(init.detail, options);
    this.name = 'AppError';
    this.status = init.status;
    this.code = init.code;
    this.retryable = init.retryable ?? init.status === 503;
    this.errors = init.errors;
    this.retryAfter = init.retryAfter;
  }
}

/** 410 `events_expired`: the message is there, its log is not any more. */
export function eventsExpired(messageId: string): AppError {
  return new AppError({
    status: 410,
    code: 'events_expired',
    detail: `The events of message "${messageId}" were kept as long as this server keeps them, and are gone.`,
  });
}

/** 404 `{what}_not_found`. */
export function notFound(what: string, id: string): AppError {
  return new AppError({
    status: 404,
    code: `${what}_not_found`,
    detail: `There is no ${what} with id "${id}".`,
  });
}
