import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../audit/index.js';
import { AppError, Clock, DEFAULT_TENANT, type Actor } from '../../common/index.js';
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
  actor: Actor;
}

/** Checks passwords. */
@Injectable()
export class SignIn {
  constructor(
    private readonly accounts: Accounts,
    private readonly passwords: Passwords,
    private readonly attempts: LoginAttempts,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Whose password it is. An address without an account costs the same work and gets the same answer.
   * @throws AppError 401 `wrong_credentials`, 403 `account_disabled`, 429 `too_many_attempts`.
   */
  async account(login: PasswordLogin): Promise<AccountDocument> {
    const found = await this.accounts.byEmail(login.email);
    const account = await this.check(login, found).catch(async (error: unknown) => {
      await this.noteFailure(login, found, error);
      throw error;
    });
    await this.attempts.forgive(login.email);
    return this.welcome(account, login.actor);
  }

  private async check(
    { email, password, address }: PasswordLogin,
    found: AccountDocument | null,
  ): Promise<AccountDocument> {
    const account = await this.attempts.guard({ address, email }, async () => {
      const isRight = await this.passwords.isRight(password, found?.password);
      if (!isRight || !found) throw new AppError('wrong_credentials');
      return found;
    });
    if (account.disabled_at) throw new AppError('account_disabled');
    return account;
  }

  /** Of an address without an account nothing is written down but that somebody tried. */
  private async noteFailure(
    { actor }: PasswordLogin,
    account: AccountDocument | null,
    error: unknown,
  ): Promise<void> {
    if (!isAppError(error)) return;
    await this.audit.record(
      { tenant: DEFAULT_TENANT, actor },
      { action: 'login_failed', user: account?.user_id, detail: { why: error.code } },
    );
  }

  /** @throws AppError 403 `wrong_password`, 429 `too_many_attempts`. */
  async checkPassword(account: AccountDocument, password: string, address: string): Promise<void> {
    await this.attempts.guard({ address, email: account.email }, async () => {
      if (!(await this.passwords.isRight(password, account.password))) throw new AppError('wrong_password');
    });
  }

  /** Notes that somebody logs in. @param how if not with a password */
  async welcome(
    { user_id }: AccountDocument,
    actor: Actor,
    how: 'password' | 'link' | 'openid' = 'password',
  ): Promise<AccountDocument> {
    const by = { tenant: DEFAULT_TENANT, user: user_id, actor: { ...actor, subject: user_id } };
    await this.audit.record(by, { action: 'login', user: user_id, detail: { how } });
    return this.accounts.change(user_id, { last_login_at: new Date(this.clock.now()) });
  }
}

/** `instanceof` alone would lose the codes. */
const isAppError = (error: unknown): error is AppError => error instanceof AppError;
