/** The meaning of a stream's last word; `failed` is no answer, or half of one. */
export type FinishMeaning = 'complete' | 'length' | 'content_filter' | 'failed';

/** As OpenAI, Together, TGI, Cohere, Anthropic, Bedrock, watsonx, Ollama, LM Studio and others say it. */
const COMPLETE = words(
  'stop tool_calls function_call tool_call tool_use eos eos_token eos_found end end_turn stop_sequence stop_token',
  'stop_string_found complete completed done finish finished natural_stop',
);
const LENGTH = words(
  'length max_tokens max_output_tokens max_length model_length token_limit max_new_tokens max_completion_tokens',
  'max_predicted_tokens_reached context_length_reached context_length model_context_window_exceeded',
);
const FILTERED = words(
  'content_filter content_filtered safety sensitive refusal recitation blocklist prohibited_content spii',
  'image_safety guardrail_intervened moderation content_moderation blocked filtered',
);
/** The stream has not ended. */
const NOTHING = words('null none not_finished');

/**
 * Reads a `finish_reason`: only known words mean that an answer is complete; everything else means that it is not.
 * @returns undefined for what says nothing: not a text, or an empty one.
 */
export function readFinish(reason: unknown): FinishMeaning | undefined {
  if (typeof reason !== 'string' || reason.trim() === '') return undefined;
  const word = toSnakeCase(reason.trim());
  if (NOTHING.has(word)) return undefined;
  // Some servers name the token that ended the turn: `</s>`, `<|im_end|>`, `<｜end▁of▁sentence｜>`.
  if (COMPLETE.has(word) || /^<[/|｜][^<>]{1,40}>$/.test(reason.trim())) return 'complete';
  if (LENGTH.has(word)) return 'length';
  return FILTERED.has(word) ? 'content_filter' : 'failed';
}

function toSnakeCase(text: string): string {
  return text
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[-. ]/g, '_')
    .toLowerCase()
    .replace(/^finish_reason_/, ''); // Gemini's enumeration, spelt out
}

function words(...lines: string[]): ReadonlySet<string> {
  return new Set(lines.join(' ').split(' '));
}
