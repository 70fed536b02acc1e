import type { Settings } from '../platform/config/index.js';

/** Who runs a model. */
export type ModelProvider = 'openai' | 'anthropic' | 'offline';

/** A model as settings and agents name it: `provider:model`. */
export interface ModelRef {
  provider: ModelProvider;
  model: string;
}

/** A list of models names one that this deployment cannot ask; the message says why. */
export class ModelRefError extends Error {
  override readonly name = 'ModelRefError';
}

/** Reads `provider:model`; the model's name may contain colons. @throws ModelRefError */
export function readModelRef(ref: string): ModelRef {
  const [, provider = '', model = ''] = /^([^:]*):?(.*)$/s.exec(ref.trim()) ?? [];
  if (provider === 'offline') return { provider, model: 'offline' };
  if (provider !== 'openai' && provider !== 'anthropic')
    throw new ModelRefError(
      `"${ref}": there is no model provider "${provider}". Known are openai, anthropic and offline, e.g. openai:gpt-5.`,
    );
  if (model.trim() === '') throw new ModelRefError(`"${ref}" names no model, e.g. ${provider}:NAME.`);
  return { provider, model };
}

/** Why a model of this provider cannot be asked with these settings; `undefined`: it can. */
export function missingFor(provider: ModelProvider, settings: Settings): string | undefined {
  if (provider === 'offline') return undefined;
  const [key, url] =
    provider === 'openai'
      ? (['OPENAI_API_KEY', 'OPENAI_BASE_URL'] as const)
      : (['ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL'] as const);
  if (settings[key] !== undefined || settings[url] !== undefined) return undefined;
  return `models of ${provider} need ${key}, or ${url} for a compatible server without a key`;
}
