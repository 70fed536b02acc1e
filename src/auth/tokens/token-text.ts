import { createHash, createHmac, randomBytes } from 'node:crypto';
import { isSameSecret } from '../../platform/http/index.js';

/**
 * What a secret text is for. Recognised by scanners of secrets, and by us: no token of an identity provider begins like
 * this. `rp`: personal token, `rpa`: access token, `rpr`: refresh token, `rps`: session in a cookie, `rpl`: link.
 */
export type TextKind = 'rp' | 'rpa' | 'rpr' | 'rps' | 'rpl';

const RANDOM_BYTES = 32;
const TAG_CHARS = 8;
const TEXT = /^(rp[alrs]?)_([0-9a-f]{24})?([\w-]{43})([\w-]{8})$/;

/** Whether a text says that it is a personal token. */
export const isAccessToken = (text: string): boolean => text.startsWith('rp_');

/**
 * A new secret: 256 random bits, and a tag that only this server can make.
 * @param id of what it belongs to (24 hexadecimal digits), which then can be read from it.
 */
export function newTokenText(key: Buffer, kind: TextKind = 'rp', id = ''): string {
  const content = `${kind}_${id}${randomBytes(RANDOM_BYTES).toString('base64url')}`;
  return content + tagOf(content, key);
}

/** Whether this server made it. Guesses end here, before the database is asked. */
export function isGenuine(text: string, key: Buffer, kind: TextKind = 'rp'): boolean {
  const [, found, , , tag = ''] = TEXT.exec(text) ?? [];
  return found === kind && isSameSecret(tag, tagOf(text.slice(0, -TAG_CHARS), key));
}

/** The id in a text that has one. */
export function idIn(text: string): string | undefined {
  return TEXT.exec(text)?.[2];
}

/** SHA-256, base64url: with that much randomness nothing slower is needed. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function tagOf(content: string, key: Buffer): string {
  // Personal tokens were tagged without their prefix from the beginning, and have to stay good.
  const tagged = content.startsWith('rp_') ? content.slice('rp_'.length) : content;
  return createHmac('sha256', key).update(tagged).digest('base64url').slice(0, TAG_CHARS);
}
