import { z } from 'zod';
import { parseJson } from '../common/index.js';
import type { ProviderData } from './chat-model.js';

const stored = z.object({
  origin: z.string(),
  id: z.string().optional(),
  fields: z.record(z.string(), z.unknown()),
});

/** Provider data as the journal stores it: JSON, since providers name their fields as they like. */
export function toStoredText(data: ProviderData | undefined): string | undefined {
  return data && JSON.stringify(data);
}

/** Reads what {@link toStoredText} wrote; undefined for anything else. */
export function fromStoredText(text: string | undefined): ProviderData | undefined {
  const { data } = stored.safeParse(parseJson(text ?? ''));
  if (!data) return undefined;
  const { origin, id, fields } = data;
  return { origin, fields, ...(id !== undefined && { id }) };
}
