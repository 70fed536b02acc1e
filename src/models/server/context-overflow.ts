import type { ContextOverflow } from '../chat-model.js';
import { namedNumber, readCause, type Refusal } from './refusal.js';

/**
 * Statuses with which servers reject a request that is too long; Anthropic-like gateways and llama.cpp also use 500.
 */
const STATUSES = new Set([400, 413, 422, 429, 500]);

/** Words in `code` or `type` that mean it. */
const WORDS =
  /context_length_exceeded|exceed_context_size|context_window|tokens_limit_reached|max_prompt_tokens_exceeded|request_too_large|prompt_too_long/i;

/** Sentences that mean it, if the code says nothing or is a number. */
const SENTENCES: readonly RegExp[] = [
  /maximum (?:context|prompt|input|model|sequence) length/i,
  /max(?:imum)? (?:number of )?(?:input )?tokens? allowed/i,
  /max input tokens/i,
  /context (?:length|window|size|limit)[^.]{0,40}(?:exceed|only|too (?:small|long))/i,
  /(?:exceed|exceeds|exceeded|exceeding|larger than|longer than|greater than|beyond)[^.]{0,60}(?:context|token limit|maximum length|max(?:imum)? (?:model )?len)/i,
  /(?:prompt|input|message|messages|request|conversation) (?:is |are )?too (?:long|large)[^.]{0,60}/i,
  /(?:prompt|input)[^.]{0,30}exceeds? (?:the )?(?:max|limit|length)/i,
  /reduce (?:the length of|your message size|your prompt|the number of)/i,
  /too many (?:input )?tokens/i,
  /token limit[^.]{0,20}(?:exceeded|reached|:)/i,
  /exceeds the (?:configured )?limit of \d+/i,
  /range of input length should be/i,
  /request (?:body |entity )?too large/i,
  /must be <= \d+\. Given: \d+/i,
];

/** Text that rate limits have in common with the sentences above; then waiting helps, a shorter request does not. */
const OTHER_LIMITS = /rate limit (?:reached|exceeded)|too many requests|quota|per day|\bTPD\b|\bRPM\b/i;

/** The window, in the words of different servers; the first match counts. */
const WINDOWS: readonly RegExp[] = [
  /\d \+ \d+ > (?<n>[\d,]+)/,
  /(?:maximum|max|model'?s?) (?:(?:context|prompt|input|model|sequence) )?length (?:is|of)(?: only)? \(?(?<n>[\d,]+)/i,
  /context length (?:is|of)(?: only)? \(?(?<n>[\d,]+)/i,
  /context (?:size|window|length|limit)(?: is| of|:)? \(?(?<n>[\d,]+)/i,
  /model maximum context length: (?<n>[\d,]+)/i,
  /too large for model with (?<n>[\d,]+)/i,
  /tokens? > (?<n>[\d,]+)(?: maximum)?/i,
  /maximum number of tokens allowed \(?(?<n>[\d,]+)/i,
  /max(?:imum)? input tokens: (?<n>[\d,]+)/i,
  /must be <= (?<n>[\d,]+)/i,
  /(?:limit of|token limit:|limit is|limit:?) (?<n>[\d,]+)/i,
  /max size: (?<n>[\d,]+)/i,
  /range of input length should be \[\d+, (?<n>[\d,]+)\]/i,
  /> (?<n>[\d,]+)/,
];

/** Tokens of the request, likewise. */
const PROMPTS: readonly RegExp[] = [
  /\((?<n>[\d,]+) (?:in the messages|of text input|in your prompt|tokens? from the input|in the prompt)/i,
  /(?<n>[\d,]+) tokens? from the input/i,
  /(?:messages|prompt|input|request)[^.\d]{0,40}(?:resulted in|contains|has|length|count of)[^.\d]{0,10}(?<n>[\d,]+)/i,
  /input token count (?:of )?\(?(?<n>[\d,]+)/i,
  /passed (?<n>[\d,]+) input tokens/i,
  /(?:requested|request|current length is|given:|prompt is too long:|is too long:|exceed context limit:|requested tokens):? \(?(?:about )?(?<n>[\d,]+)/i,
  /input \((?<n>[\d,]+) tokens\)/i,
];

/**
 * Whether a server rejected a request because it is longer than the context window; `undefined`: for another reason.
 */
export function readOverflow(refusal: Refusal): ContextOverflow | undefined {
  const { status } = refusal;
  if (status !== undefined && !STATUSES.has(status)) return undefined;
  const { type = '', code = '', message = refusal.text } = readCause(refusal);
  const said = message.slice(0, 2000);
  if (!WORDS.test(`${type} ${code}`) && !means(status, said)) return undefined;
  const window = namedNumber(refusal, 'n_ctx') ?? find(WINDOWS, said);
  if (window === undefined) return {};
  const prompt = namedNumber(refusal, 'n_prompt_tokens') ?? find(PROMPTS, said, window);
  // A number far below the window refers to something else.
  return { window, ...(prompt !== undefined && prompt > window / 2 && { prompt }) };
}

function means(status: number | undefined, said: string): boolean {
  if (status === 429) return /request too large|too large for/i.test(said);
  return SENTENCES.some((sentence) => sentence.test(said)) && !OTHER_LIMITS.test(said);
}

/** The first number that a pattern finds, except numbers known to mean something else. */
function find(patterns: readonly RegExp[], said: string, other?: number): number | undefined {
  for (const pattern of patterns) {
    for (const { groups } of said.matchAll(new RegExp(pattern, 'gi'))) {
      const number = Number(groups?.['n']?.replaceAll(',', ''));
      if (number >= 16 && number !== other) return number;
    }
  }
  return undefined;
}
