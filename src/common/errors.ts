import { problems, type FieldError, type ProblemCode, type ProblemDetails } from './problems.js';

/**
 * An error that a client may see. Thrown anywhere; the single HTTP filter turns it into `application/problem+json`.
 */
export class AppError<C extends ProblemCode = ProblemCode> extends Error {
  override readonly name = 'AppError';
  readonly status: number;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Seconds for the `Retry-After` header. */
  readonly retryAfter: number | undefined;
  /** The invalid fields of a rejected body or query. */
  readonly errors: readonly FieldError[] | undefined;

  constructor(
    readonly code: C,
    ...details: ProblemDetails<C>
  ) {
    const { status, retryable, retryAfter, text }: Said = problems[code];
    super((text as (details: unknown) => string)(details[0]));
    this.status = status;
    this.retryable = retryable ?? status === 503;
    const given = details[0] as { errors?: readonly FieldError[]; seconds?: number } | undefined;
    this.retryAfter = retryAfter ?? given?.seconds;
    this.errors = given?.errors;
  }

  /** The same error, with its cause for the log. */
  causedBy(cause: unknown): this {
    this.cause = cause;
    return this;
  }
}

/** An entry of the catalogue with its details unchecked: the constructor's signature has checked them. */
interface Said {
  status: number;
  retryable?: boolean;
  retryAfter?: number;
  text: (details: never) => string;
}
