import { mongo, Error as MongooseError } from 'mongoose';
import { cleanText } from '../../common/index.js';
import type { Answer, Ending } from './run-store.js';

type Cause = NonNullable<NonNullable<Ending['failure']>['cause']>;

/** Far below the 16 MB of a document, in any script. */
const ANSWER_MAX_CHARS = 4_000_000;
const WORDS_MAX_CHARS = 10_000;
/** A document that is too large, one that grew too large, one that a rule of the database refuses. */
const REFUSED = new Set<unknown>([10_334, 17_280, 17_419, 17_420, 121, 2, 14]);

/** True when the database will never take this, however often it is asked: the data is at fault. */
export function isUnstorable(error: unknown): boolean {
  if (error instanceof MongooseError.CastError || error instanceof MongooseError.ValidationError) return true;
  if (error instanceof mongo.BSON.BSONError || error instanceof RangeError) return true;
  return error instanceof mongo.MongoServerError && REFUSED.has(error.code);
}

/** The ending with what can be stored of it: a run must end whatever its model and its tools gave. */
export function storableEnding({ status, usage, model, tool_calls, failure }: Ending): Ending {
  return {
    status,
    usage: {
      prompt_tokens: toCount(usage.prompt_tokens),
      completion_tokens: toCount(usage.completion_tokens),
      total_tokens: toCount(usage.total_tokens),
    },
    model: toWords(model),
    tool_calls: toCount(tool_calls),
    ...(failure && {
      failure: {
        error: toWords(failure.error),
        code: toWords(failure.code),
        retryable: failure.retryable,
        ...(failure.cause && { cause: storableCause(failure.cause) }),
      },
    }),
  };
}

function storableCause({ status, type, code, message }: Cause): Cause {
  return {
    ...(status !== undefined && { status: toCount(status) }),
    ...(type !== undefined && { type: toWords(type) }),
    ...(code !== undefined && { code: toWords(code) }),
    ...(message !== undefined && { message: toWords(message) }),
  };
}

/** The same for an answer; the whole of it stays in the log. */
export function storableAnswer({ content, created_at, ms, ending }: Answer): Answer {
  return {
    content: toWords(content, ANSWER_MAX_CHARS),
    created_at,
    ms: toCount(ms),
    ending: storableEnding(ending),
  };
}

function toCount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

function toWords(value: unknown, max = WORDS_MAX_CHARS): string {
  return typeof value === 'string' ? cleanText(value.slice(0, max)) : '';
}
