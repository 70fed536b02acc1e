import type { CookieOptions, Request, Response } from 'express';
import { z } from 'zod';
import { parseJson } from '../../common/index.js';
import { cookieOf } from '../cookie.js';
import type { Flow } from './open-id-provider.js';

const NAME = 'reprise_openid';
const LIFETIME_MS = 600_000;

const flowSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  to: z.string().regex(/^\/(?![/\\])/),
});

/** The browser that begins is the one that comes back: it keeps the flow, for ten minutes. */
export function keepFlow(response: Response, flow: Flow, isSecure: boolean): void {
  const value = Buffer.from(JSON.stringify(flow)).toString('base64url');
  response.cookie(nameOf(isSecure), value, { ...options(isSecure), maxAge: LIFETIME_MS });
}

/** The flow of this browser, once; nothing if it has none. */
export function takeFlow(request: Request, response: Response, isSecure: boolean): Flow | undefined {
  const value = cookieOf(request, nameOf(isSecure));
  response.clearCookie(nameOf(isSecure), options(isSecure));
  if (value === undefined) return undefined;
  try {
    return flowSchema.parse(parseJson(Buffer.from(value, 'base64url').toString()));
  } catch {
    return undefined;
  }
}

const nameOf = (isSecure: boolean): string => (isSecure ? `__Host-${NAME}` : NAME);

// `lax`: the provider's page sends the browser back.
const options = (secure: boolean): CookieOptions => ({ httpOnly: true, sameSite: 'lax', secure, path: '/' });
