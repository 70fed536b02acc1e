import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { Settings } from '../platform/config/index.js';
import type { Caller } from '../platform/http/index.js';
import { cookieOf } from './cookie.js';
import { JwtCallers } from './jwt-callers.js';
import { Logins } from './logins.js';

/** With an identity provider the cookie contains the same token as the header. */
@Injectable()
export class JwtLogins extends Logins {
  constructor(
    private readonly jwts: JwtCallers,
    private readonly settings: Settings,
  ) {
    super();
  }

  override byToken(token: string): Promise<Caller> {
    return this.jwts.caller(token);
  }

  override cookieOf(request: Request): string | undefined {
    return cookieOf(request, this.settings.AUTH_COOKIE);
  }

  override byCookie(cookie: string): Promise<Caller> {
    return this.jwts.caller(cookie);
  }
}
