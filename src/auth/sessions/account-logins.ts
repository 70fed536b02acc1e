import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { ANY_USER, AppError, type TenantId } from '../../common/index.js';
import type { Caller } from '../../platform/http/index.js';
import { Logins } from '../logins.js';
import { ServerKeys } from '../server-keys.js';
import { ServiceTokens } from '../service-tokens.js';
import { hashOf, isGenuine } from '../tokens/token-text.js';
import { credentialOf, LoginSessions, type LiveSession } from './login-sessions.js';
import { LoginTokens } from './login-tokens.js';
import { SessionCookie } from './session-cookie.js';

/** With accounts this server itself knows who is logged in. */
@Injectable()
export class AccountLogins extends Logins {
  constructor(
    private readonly sessions: LoginSessions,
    private readonly tokens: LoginTokens,
    private readonly services: ServiceTokens,
    private readonly cookie: SessionCookie,
    private readonly keys: ServerKeys,
  ) {
    super();
  }

  override async byToken(token: string): Promise<Caller> {
    if (this.services.isOne(token)) return this.services.caller(token);
    const live = await this.tokens.live(token);
    return this.callerOf(live, this.tokens.endOf(token, live.session));
  }

  override cookieOf(request: Request): string | undefined {
    return this.cookie.of(request);
  }

  override async byCookie(value: string, request: Request): Promise<Caller> {
    if (!isGenuine(value, this.keys.derive('login'), 'rps'))
      throw new AppError('token_invalid', { why: 'this server did not make it' });
    const live = await this.sessions.live({ kind: 'cookie', hash: hashOf(value) });
    if (!live) throw new AppError('token_expired');
    // A page of a subdomain can set a cookie for this server, and so log somebody in as somebody else.
    if (live.session.is_secure && !this.cookie.isProtected(request, value))
      throw new AppError('token_invalid', { why: 'its cookie has lost its name' });
    return this.callerOf(live, live.session.ends_at.getTime());
  }

  private callerOf({ session, account }: LiveSession, until: number): Caller {
    const credential = credentialOf(session);
    return {
      tenant: account.tenant_id as TenantId,
      user: account.role === 'admin' ? ANY_USER : account.user_id,
      subject: account.user_id,
      isInPerson: true,
      permission: { credential, until, isWithdrawn: () => this.sessions.isWithdrawn(credential) },
    };
  }
}
