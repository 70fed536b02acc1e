import type { Request } from 'express';
import { createHash, timingSafeEqual } from 'node:crypto';

/** The token of an `Authorization: Bearer` header; nothing for other schemes, which a proxy in front may use. */
export function bearerOf({ headers }: Pick<Request, 'headers'>): string | undefined {
  return /^Bearer +([^\s]+) *$/i.exec(headers.authorization ?? '')?.[1];
}

/** Compares secrets in a time that tells nothing about either. */
export function isSameSecret(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
