import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/index.js';
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
  ) {}

  /** Ends the login with which the caller asks. */
  async logout({ permission }: Caller): Promise<void> {
    const credential = permission?.credential;
    if (credential !== undefined && isSessionCredential(credential)) await this.sessions.end(credential);
  }

  /** Ends all logins of the caller. */
  async logoutEverywhere({ tenant, subject }: Caller): Promise<void> {
    if (subject !== undefined) await this.sessions.endAll(tenant, subject);
  }

  /** All other logins end. @throws AppError 403 `wrong_password`, 429 `too_many_attempts`. */
  async changePassword(caller: Caller, { current, wanted, address }: PasswordChange): Promise<void> {
    const account = await this.of(caller);
    await this.signIn.checkPassword(account, current, address);
    await this.accounts.change(account.user_id, { password: await this.passwords.hash(wanted) });
    await this.sessions.endAll(caller.tenant, account.user_id, caller.permission?.credential);
  }

  private async of({ subject = '' }: Caller): Promise<AccountDocument> {
    const account = await this.accounts.byId(subject);
    if (!account) throw new AppError('token_expired');
    return account;
  }
}
