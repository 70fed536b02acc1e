import { z } from 'zod';
import { AppError, isCleanText } from '../../../common/index.js';
import { validationFailed } from '../../../platform/http/index.js';

const conversation_id = z.uuid('must be the id of a conversation').transform((id) => id.toLowerCase());
const optional = (max: number) =>
  z
    .string('must be a text')
    .max(max, `must have at most ${max} characters`)
    .nullish()
    .transform((text) => (text === '' || text === null ? undefined : text));

const token = optional(8192);

/** `join_conversation` */
export const joinSchema = z.object({ conversation_id, since: optional(64), token });

/** `leave_conversation` */
export const leaveSchema = z.object({ conversation_id });

/** `send_message` */
export const sendSchema = (maxChars: number) =>
  z.object({
    conversation_id,
    token,
    message: z
      .string('must be a text')
      .refine((text) => text.trim() !== '', 'must not be blank')
      .refine(isCleanText, 'must not contain NUL characters or lone surrogates')
      .refine((text) => Array.from(text).length <= maxChars, `must be at most ${maxChars} characters long`),
    idempotency_key: z
      .string('must be a text')
      .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
      .nullish()
      .transform((key) => key ?? undefined),
  });

/** @throws AppError 400 `validation_failed`. */
export function readRequest<T>(schema: z.ZodType<T>, payload: unknown): T {
  const read = schema.safeParse(payload);
  if (read.success) return read.data;
  throw validationFailed(
    read.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'payload', message })),
  );
}

/** What a client is told about anything that went wrong. */
export interface SocketProblem {
  error: string;
  code: string;
  retryable: boolean;
  errors?: AppError['errors'];
  /** The event that was refused. */
  event?: string;
}

export function problemOf(error: unknown, event?: string): SocketProblem {
  const { message, code, retryable, errors } =
    error instanceof AppError ? (error as AppError) : new AppError('internal_error');
  return {
    error: message,
    code,
    retryable,
    ...(errors && { errors }),
    ...(event !== undefined && { event }),
  };
}
