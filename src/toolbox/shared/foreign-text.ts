import { cleanText, clip } from '../../common/index.js';

/**
 * Characters that people do not see and models read: controls, the marks that reverse the direction of writing, tag
 * characters, zero-width spaces. The joiners that emoji and some scripts need stay.
 */
const UNSEEN =
  // eslint-disable-next-line no-control-regex -- controls are what it is about
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u00AD\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E007F}]/gu;

/** Text of somebody else, fit to be stored, shown and read. Keeps line breaks and tabs. */
export function foreignText(text: string): string {
  return cleanText(text).replace(/\r\n?/g, '\n').replace(UNSEEN, '');
}

/** The same on one line, clipped. */
export function foreignLine(text: string, max: number): string {
  return clip(foreignText(text).replace(/\s+/g, ' ').trim(), max);
}

/** An address from somebody else, if it is one that people may be sent to; else undefined. */
export function foreignUrl(text: string | undefined): string | undefined {
  if (text === undefined || text.length > 2048 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' ? url.href : undefined;
}
