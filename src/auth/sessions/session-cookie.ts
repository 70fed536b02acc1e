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

  set(request: Request, response: Response, value: string): void {
    const options = { ...this.options(request), maxAge: this.settings.LOGIN_MAX_MS };
    response.cookie(this.nameFor(request), value, options);
  }

  clear(request: Request, response: Response): void {
    const { AUTH_COOKIE: name } = this.settings;
    response.clearCookie(name, this.options(request));
    if (isOverTls(request)) response.clearCookie(PROTECTED + name, this.options(request));
  }

  private nameFor(request: Request): string {
    return (isOverTls(request) ? PROTECTED : '') + this.settings.AUTH_COOKIE;
  }

  private options(request: Request): CookieOptions {
    return { httpOnly: true, sameSite: 'lax', secure: isOverTls(request), path: '/' };
  }
}

/**
 * Whether the browser speaks TLS, with whatever stands before this server. A client that claims so wrongly gets a
 * cookie that its browser does not keep, and harms nobody but itself.
 */
export function isOverTls({ secure, headers }: Pick<Request, 'secure' | 'headers'>): boolean {
  const forwarded = String(headers['x-forwarded-proto'] ?? '').split(',')[0] ?? '';
  return secure || forwarded.trim().toLowerCase() === 'https' || /^https:/i.test(headers.origin ?? '');
}
