import { z } from 'zod';

// What settings are made of.

export const port = z.coerce.number().int().min(0).max(65_535);
export const positive = z.coerce.number().int().positive();
export const bytes = positive;
export const ms = positive;
export const optionalText = z.string().trim().min(1).optional();
export const optionalUrl = z.url({ protocol: /^https?$/ }).optional();
export const choice = z.enum(['auto', 'on', 'off']).default('auto');

/** Off unless it is `1` or `true`. */
export const flag = z
  .enum(['0', '1', 'false', 'true'])
  .default('0')
  .transform((value) => value === '1' || value === 'true');

/** Comma-separated; unset is the empty list. */
export const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  );

/** @param must what is required, as the end of a sentence about the setting. */
export const matching = (pattern: RegExp, must: string) =>
  z.string().refine((text) => pattern.test(text), must);

/** A proxy as `curl` accepts it: without a scheme it is http://. */
export const proxy = optionalText
  .transform((text) => (text === undefined || /^[a-z\d]+:\/\//i.test(text) ? text : `http://${text}`))
  .refine((text) => text === undefined || isProxyUrl(text), 'must be an http://, https:// or socks5:// URL');

function isProxyUrl(text: string): boolean {
  return URL.canParse(text) && /^(https?|socks5?):$/.test(new URL(text).protocol);
}

export function hasCredentials(url: string): boolean {
  if (!URL.canParse(url)) return false; // reported by the rule before this one
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}

/**
 * A key copied from a page may contain an ellipsis, a dash or a quotation mark that nobody typed. The key is never
 * shown.
 */
export function refuseUncarriable(key: string | undefined, context: z.RefinementCtx): void {
  const place = key?.search(/[^\t\x20-\x7e\x80-\xff]/) ?? -1;
  if (place < 0) return;
  const code = (key?.codePointAt(place) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const message = `contains a character that no HTTP header can carry (U+${code}, character number ${place + 1}): copy it again`;
  context.addIssue({ code: 'custom', message });
}
