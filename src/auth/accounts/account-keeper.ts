import { Injectable } from '@nestjs/common';
import { AppError, Clock, type Scope, type TenantId } from '../../common/index.js';
import { UsersService } from '../../users/index.js';
import { LoginSessions } from '../sessions/login-sessions.js';
import { AccountLinks, type Invited, type NewLink } from './account-links.js';
import type { AccountDocument, Role } from './account.schema.js';
import { Accounts } from './accounts.js';

/** What an administrator changes about somebody. */
export interface AccountChanges {
  name?: string | undefined;
  role?: Role | undefined;
  isDisabled?: boolean | undefined;
}

/** What administrators do with the accounts of others. */
@Injectable()
export class AccountKeeper {
  constructor(
    private readonly accounts: Accounts,
    private readonly links: AccountLinks,
    private readonly sessions: LoginSessions,
    private readonly users: UsersService,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError 409 `account_exists`. */
  async invite(_scope: Scope, invited: Invited): Promise<NewLink> {
    if (await this.accounts.byEmail(invited.email)) throw new AppError('account_exists');
    return this.links.invite(invited);
  }

  /** A link with which somebody sets a new password. @throws AppError 404 `account_not_found`. */
  async resetLink(_scope: Scope, userId: string): Promise<NewLink> {
    await this.get(userId);
    return this.links.reset(userId);
  }

  /**
   * Who may less than before is logged out everywhere.
   * @throws AppError 404 `account_not_found`, 409 `last_admin`.
   */
  async change(_scope: Scope, userId: string, changes: AccountChanges): Promise<AccountDocument> {
    const before = await this.get(userId);
    const { name, role, isDisabled } = changes;
    const losesRole = before.role === 'admin' && role === 'user';
    const isShutOut = isDisabled === true && before.disabled_at === null;
    if (losesRole || isShutOut) await this.accounts.checkNotLastAdmin(before);
    const disabled_at = isDisabled === true ? (before.disabled_at ?? new Date(this.clock.now())) : null;
    const account = await this.accounts.change(userId, {
      ...(name !== undefined && { name: name.trim() }),
      ...(role !== undefined && { role }),
      ...(isDisabled !== undefined && { disabled_at }),
    });
    if (losesRole || isShutOut) await this.sessions.endAll(account.tenant_id as TenantId, userId);
    return account;
  }

  /**
   * Deletes an account with everything of its user: chats, messages, files, tokens.
   * @throws AppError 404 `account_not_found`, 409 `last_admin`.
   */
  async delete(scope: Scope, userId: string): Promise<void> {
    await this.get(userId);
    await this.users.getOrCreate(scope, userId);
    await this.users.erase(scope, userId);
  }

  /** @throws AppError 404 `account_not_found`. */
  async get(userId: string): Promise<AccountDocument> {
    const account = await this.accounts.byId(userId);
    if (!account) throw new AppError('account_not_found', { id: userId });
    return account;
  }
}
