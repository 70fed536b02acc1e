import { isPoisonedKey, isTooDeep, jsonFault, parseJson, redactSecrets } from '../../common/index.js';

/**
 * The arguments or the result of a call as its event carries them: JSON where the text is JSON, without what looks like
 * a credential.
 * @param maxBytes a longer text is left out: the summary stands, and the journal has the whole.
 */
export function callPayload(text: string, maxBytes: number): unknown {
  if (text === '' || text.length > maxBytes) return undefined;
  const safe = redactSecrets(text);
  if (Buffer.byteLength(safe) > maxBytes) return undefined;
  const value = parseJson(safe);
  if (typeof value !== 'object' || value === null) return safe;
  return jsonFault(value, (member) => (isTooDeep(member) || isUnstorable(member.key) ? 'fault' : undefined))
    ? safe
    : value;
}

/** Keys that the database, or whatever reads the event, would take for something else. */
function isUnstorable(key: string | undefined): boolean {
  return isPoisonedKey(key) || key?.startsWith('$') === true || key?.includes('\0') === true;
}

/** As an optional field of an event. */
export function payloadField<K extends 'args' | 'result'>(
  field: K,
  text: string,
  maxBytes: number,
): Partial<Record<K, unknown>> {
  const payload = callPayload(text, maxBytes);
  return (payload === undefined ? {} : { [field]: payload }) as Partial<Record<K, unknown>>;
}
