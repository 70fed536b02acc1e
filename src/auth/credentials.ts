import { Injectable } from '@nestjs/common';
import { isSessionCredential, LoginSessions } from './sessions/login-sessions.js';
import { AccessTokens } from './tokens/access-tokens.js';

/** What tickets are issued with, and end with: personal tokens, and logins of this server. */
@Injectable()
export class Credentials {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly sessions: LoginSessions,
  ) {}

  /** Whether it is still good. */
  exists(credential: string): Promise<boolean> {
    return this.of(credential).exists(credential);
  }

  /** Whether somebody has withdrawn it, some seconds ago at least. */
  isWithdrawn(credential: string): Promise<boolean> {
    return this.of(credential).isWithdrawn(credential);
  }

  private of(credential: string): AccessTokens | LoginSessions {
    return isSessionCredential(credential) ? this.sessions : this.tokens;
  }
}
