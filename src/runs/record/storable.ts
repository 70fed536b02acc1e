import { cleanText, clipWithMark, head } from '../../common/index.js';
import type { Answer, Ending } from './ending.js';

type Cause = NonNullable<NonNullable<Ending['failure']>['cause']>;

/** UTF-16 code units of an answer; at most 15 MB of UTF-8, where a document can have 16. */
const ANSWER_MAX_CHARS = 5_000_000;
const WORDS_MAX_CHARS = 10_000;

/** The ending, reduced to what can be stored: a run must end whatever its model and its tools returned. */
export function storableEnding(ending: Ending): Ending {
  const { status, usage, spent, cost, model, tool_calls, sources, failure } = ending;
  return {
    status,
    usage: {
      prompt_tokens: toCount(usage.prompt_tokens),
      completion_tokens: toCount(usage.completion_tokens),
      total_tokens: toCount(usage.total_tokens),
    },
    ...(spent && spent.length > 0 && { spent }),
    ...(cost && Number.isFinite(cost.amount) && { cost }),
    model: toWords(model),
    tool_calls: toCount(tool_calls),
    ...(sources && sources.length > 0 && { sources }),
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

/** The same for an answer; a longer one is complete only in its log. */
export function storableAnswer({ content, created_at, ms, ending }: Answer): Answer {
  return {
    content: cleanText(clipWithMark(content, ANSWER_MAX_CHARS)),
    created_at,
    ms: toCount(ms),
    ending: storableEnding(ending),
  };
}

function toCount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

function toWords(value: unknown): string {
  return typeof value === 'string' ? cleanText(head(value, WORDS_MAX_CHARS)) : '';
}
