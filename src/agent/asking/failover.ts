import type { ModelError } from '../../models/index.js';

/** Statuses with which a server rejects what was asked: another one would reject it, too. */
const REJECTED = new Set([400, 405, 415, 422]);
/** Some servers answer them for a model that they do not have. */
const UNKNOWN_MODEL = /model[_ -]?not[_ -]?found|unknown[_ -]model|invalid[_ -]model|no such model/i;

/**
 * Whether another model may answer where this one failed: for everything that lies with the provider (out of reach,
 * overloaded, a wrong key, an unknown model, no credit left, a smaller context window), but not for a request that is
 * wrong in itself.
 */
export function anotherMayAnswer({ code, options }: ModelError): boolean {
  if (options.retryable || options.overflow || code !== 'model_rejected') return true;
  const { status, type = '', code: word = '', message = '' } = options.provider ?? {};
  if (UNKNOWN_MODEL.test(`${type} ${word} ${message}`)) return true;
  return status !== undefined && !REJECTED.has(status);
}
