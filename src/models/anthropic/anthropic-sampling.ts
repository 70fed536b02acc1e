import type { MessageCreateParamsStreaming } from '@anthropic-ai/sdk/resources/messages';
import type { Settings } from '../../platform/config/index.js';
import type { ModelSampling } from '../chat-model.js';
import type { Parts } from '../server/served-model.js';

/** What every model of this API can write. */
const LEAST_MAX_TOKENS = 4096;

type Params = Pick<
  MessageCreateParamsStreaming,
  'max_tokens' | 'stop_sequences' | 'output_config' | 'thinking'
>;

/** What decides how a model is asked, beside the agent's own wishes. */
export interface SamplingContext {
  settings: Settings;
  without: Parts;
  /** Thinking may be asked for in this request. */
  thinks: boolean;
}

/**
 * Sampling as the Messages API names it. It has no seed; its newest version knows neither `temperature` nor `top_p`,
 * which are sent to compatible servers only. While a model thinks they must not be set at all.
 */
export function samplingParams(
  sampling: ModelSampling = {},
  { settings, without, thinks }: SamplingContext,
): Params {
  const { max_output_tokens, stop = [], reasoning_effort: effort } = sampling;
  const budget = thinks ? settings.ANTHROPIC_THINKING_TOKENS : 0;
  const wanted = max_output_tokens ?? settings.ANTHROPIC_MAX_TOKENS;
  const answer = without.has('max_tokens') ? Math.min(wanted, LEAST_MAX_TOKENS) : wanted;
  const stops = stop.filter((text) => text.trim() !== '');
  const takesOdds = settings.ANTHROPIC_BASE_URL !== undefined && budget === 0;
  return {
    max_tokens: answer + budget,
    ...(budget > 0 && { thinking: { type: 'enabled', budget_tokens: budget } }),
    ...(stops.length > 0 && !without.has('stop') && { stop_sequences: stops }),
    ...(effort &&
      !without.has('reasoning_effort') && {
        output_config: { effort: effort === 'minimal' ? 'low' : effort },
      }),
    ...(takesOdds && odds(sampling, without)),
  };
}

/** This API takes temperatures up to 1, others up to 2. */
function odds({ temperature, top_p }: ModelSampling, without: Parts): object {
  return {
    ...(temperature !== undefined &&
      !without.has('temperature') && { temperature: Math.min(temperature, 1) }),
    ...(top_p !== undefined && !without.has('top_p') && { top_p }),
  };
}
