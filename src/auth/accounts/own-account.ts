import { Injectable } from '@nestjs/common';
import { AuditLog, type AuditAction } from '../../audit/index.js';
import { AppError, type Scope } from '../../common/index.js';
import type { Caller } from '../../platform/http/index.js';
import { isSessionCredential, LoginSessions } from '../sessions/login-sessions.js';
import type { AccountDocument } from './account.schema.js';
import { Accounts } from './accounts.js';
import { Passwords } from './passwords.js';
import { SignIn } from './sign-in.js';

/** A new password. */
export interface PasswordChange {
  current: string;
  wanted: string;
  /** Where the person is, see `addressKey`. */
  address: string;
}

/** What people do with their own account. */
@Injectable()
export class OwnAccount {
  constructor(
    private readonly accounts: Accounts,
    private readonly sessions: LoginSessions,
    private readonly signIn: SignIn,
    private readonly passwords: Passwords,
    private readonly audit: AuditLog,
  ) {}

  /** Ends the login with which the caller asks. */
  async logout(scope: Scope, { subject = '' }: Caller): Promise<void> {
    const credential = scope.permission?.credential;
    if (credential === undefined || !isSessionCredential(credential)) return;
    await this.sessions.end(credential);
    await this.note(scope, subject, 'logout');
  }

  /** Ends all logins of the caller. */
  async logoutEverywhere(scope: Scope, { subject = '' }: Caller): Promise<void> {
    await this.sessions.endAll(scope.tenant, subject);
    await this.note(scope, subject, 'logout', { everywhere: true });
  }

  /** All other logins end. @throws AppError 403 `wrong_password`, 429 `too_many_attempts`. */
  async changePassword(
    scope: Scope,
    caller: Caller,
    { current, wanted, address }: PasswordChange,
  ): Promise<void> {
    const account = await this.of(caller);
    await this.signIn.checkPassword(account, current, address);
    await this.accounts.change(account.user_id, { password: await this.passwords.hash(wanted) });
    await this.sessions.endAll(scope.tenant, account.user_id, scope.permission?.credential);
    await this.note(scope, account.user_id, 'password_changed');
  }

  private async note(
    scope: Scope,
    user: string,
    action: AuditAction,
    detail: Record<string, boolean> = {},
  ): Promise<void> {
    await this.audit.record(scope, { action, user, detail });
  }

  private async of({ subject = '' }: Caller): Promise<AccountDocument> {
    const account = await this.accounts.byId(subject);
    if (!account) throw new AppError('token_expired');
    return account;
  }
}
