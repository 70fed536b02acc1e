import { Injectable } from '@nestjs/common';
import type { CookieOptions, Request, Response } from 'express';
import { Settings } from '../../platform/config/index.js';
import { cookieOf } from '../cookie.js';

/** No page of a subdomain can set a cookie of this name, and no page at all without TLS. */
const PROTECTED = '__Host-';

/** The cookie in which a browser keeps its login. */
@Injectable()
export class SessionCookie {
  constructor(private readonly settings: Settings) {}

  /** What the browser sent. */
  of(request: Request): string | undefined {
    const { AUTH_COOKIE: name } = this.settings;
    const secure = cookieOf(request, PROTECTED + name);
    return secure ?? cookieOf(request, name);
  }

  /** Whether a cookie arrived under the name that only this server can have set. */
  isProtected(request: Request, value: string): boolean {
    return cookieOf(request, PROTECTED + this.settings.AUTH_COOKIE) === value;
  }

  /** @param isSecure whether the browser speaks TLS */
  set(request: Request, response: Response, value: string, isSecure = isOverTls(request)): void {
    const { AUTH_COOKIE: name, LOGIN_MAX_MS: maxAge } = this.settings;
    response.cookie((isSecure ? PROTECTED : '') + name, value, { ...optionsFor(isSecure), maxAge });
  }

  clear(request: Request, response: Response): void {
    const { AUTH_COOKIE: name } = this.settings;
    const isSecure = isOverTls(request);
    response.clearCookie(name, optionsFor(isSecure));
    if (isSecure) response.clearCookie(PROTECTED + name, optionsFor(isSecure));
  }
}

const optionsFor = (secure: boolean): CookieOptions => ({
  httpOnly: true,
  sameSite: 'lax',
  secure,
  path: '/',
});

/**
 * Whether the browser speaks TLS, with whatever stands before this server. A client that claims so wrongly gets a
 * cookie that its browser does not keep, and harms nobody but itself.
 */
export function isOverTls({ secure, headers }: Pick<Request, 'secure' | 'headers'>): boolean {
  const forwarded = String(headers['x-forwarded-proto'] ?? '').split(',')[0] ?? '';
  return secure || forwarded.trim().toLowerCase() === 'https' || /^https:/i.test(headers.origin ?? '');
}
