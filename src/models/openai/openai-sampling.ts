import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import type { ModelSampling } from '../chat-model.js';
import type { Parts } from '../server/served-model.js';

type Params = Partial<ChatCompletionCreateParamsStreaming>;

/**
 * Sampling as Chat Completions names it. OpenAI itself wants `max_completion_tokens`, many other servers know only
 * `max_tokens`: the other name is tried when one is rejected.
 */
export function samplingParams(
  sampling: ModelSampling | undefined,
  isOpenAi: boolean,
  without: Parts,
): Params {
  if (!sampling) return {};
  const { max_output_tokens: tokens, stop, ...rest } = sampling;
  const params = {
    ...rest,
    stop: stop && stop.length > 0 ? [...stop] : undefined,
    ...(tokens !== undefined && lengthParam(tokens, isOpenAi, without)),
  };
  const sent = Object.entries(params).filter(
    ([name, value]) => value !== undefined && !(without as ReadonlySet<string>).has(name),
  );
  return Object.fromEntries(sent);
}

function lengthParam(tokens: number, isOpenAi: boolean, without: Parts): Params {
  const names = ['max_tokens', 'max_completion_tokens'] as const;
  const order = isOpenAi ? [...names].reverse() : names;
  const name = order.find((each) => !without.has(each));
  return name === undefined ? {} : { [name]: tokens };
}
