import { createHash, createHmac, randomBytes } from 'node:crypto';
import { isSameSecret } from '../../platform/http/index.js';

/** Recognised by scanners of secrets, and by us: no token of an identity provider begins like this. */
const PREFIX = 'rp_';
const RANDOM_BYTES = 32;
const TAG_CHARS = 8;
const TOKEN = /^rp_([\w-]{43})([\w-]{8})$/;

export const isAccessToken = (text: string): boolean => text.startsWith(PREFIX);

/** A new token: 256 random bits, and a tag that only this server can make. */
export function newTokenText(key: Buffer): string {
  const random = randomBytes(RANDOM_BYTES).toString('base64url');
  return PREFIX + random + tagOf(random, key);
}

/** Whether this server made it. Guesses end here, before the database is asked. */
export function isGenuine(text: string, key: Buffer): boolean {
  const [, random = '', tag = ''] = TOKEN.exec(text) ?? [];
  return random !== '' && isSameSecret(tag, tagOf(random, key));
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function tagOf(random: string, key: Buffer): string {
  return createHmac('sha256', key).update(random).digest('base64url').slice(0, TAG_CHARS);
}
