import { createHash } from 'node:crypto';
import type { ModelToolCall, ProviderData } from '../chat-model.js';

/** Any provider accepts such an id; Mistral accepts no others. */
const COMMON_ID = /^[A-Za-z0-9]{9}$/;

/** The ids of a turn as they are sent: each once, because otherwise the results could not be told apart. */
export function sentIds(calls: readonly ModelToolCall[], origin: string): Map<string, string> {
  const ids = new Map<string, string>();
  const taken = new Set<string>();
  for (const { id, provider } of calls) {
    const given = provider?.origin === origin ? provider.id : undefined;
    const sent = given === undefined || taken.has(given) ? commonId(id) : given;
    taken.add(sent);
    ids.set(id, sent);
  }
  return ids;
}

/** What a provider attached, if it was this one: another one never gets it. */
export function fieldsFor(data: ProviderData | undefined, origin: string): Record<string, unknown> {
  return data?.origin === origin ? data.fields : {};
}

/** An id that any provider accepts; the same for the same id. */
export function commonId(id: string): string {
  if (COMMON_ID.test(id)) return id;
  const hash = createHash('sha256').update(id).digest();
  return [...hash.subarray(0, 9)].map((byte) => (byte % 36).toString(36)).join('');
}
