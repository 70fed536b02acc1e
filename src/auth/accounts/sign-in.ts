import { Injectable } from '@nestjs/common';
import { AppError, Clock } from '../../common/index.js';
import type { AccountDocument } from './account.schema.js';
import { Accounts } from './accounts.js';
import { LoginAttempts } from './login-attempts.js';
import { Passwords } from './passwords.js';

/** What somebody brings who logs in. */
export interface PasswordLogin {
  email: string;
  password: string;
  /** Where they come from, see `addressKey`. */
  address: string;
}

/** Checks passwords. */
@Injectable()
export class SignIn {
  constructor(
    private readonly accounts: Accounts,
    private readonly passwords: Passwords,
    private readonly attempts: LoginAttempts,
    private readonly clock: Clock,
  ) {}

  /**
   * Whose password it is. An address without an account costs the same work and gets the same answer.
   * @throws AppError 401 `wrong_credentials`, 403 `account_disabled`, 429 `too_many_attempts`.
   */
  async account({ email, password, address }: PasswordLogin): Promise<AccountDocument> {
    const account = await this.attempts.guard({ address, email }, async () => {
      const found = await this.accounts.byEmail(email);
      if (!(await this.passwords.isRight(password, found?.password)) || !found)
        throw new AppError('wrong_credentials');
      return found;
    });
    if (account.disabled_at !== null) throw new AppError('account_disabled');
    await this.attempts.forgive(email);
    return this.welcome(account);
  }

  /** @throws AppError 403 `wrong_password`, 429 `too_many_attempts`. */
  async checkPassword(account: AccountDocument, password: string, address: string): Promise<void> {
    await this.attempts.guard({ address, email: account.email }, async () => {
      if (!(await this.passwords.isRight(password, account.password))) throw new AppError('wrong_password');
    });
  }

  /** Notes that somebody logs in. */
  welcome(account: AccountDocument): Promise<AccountDocument> {
    return this.accounts.change(account.user_id, { last_login_at: new Date(this.clock.now()) });
  }
}
