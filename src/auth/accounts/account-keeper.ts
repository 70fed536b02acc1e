import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../audit/index.js';
import { AppError, type Scope } from '../../common/index.js';
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
    private readonly audit: AuditLog,
  ) {}

  /** @throws AppError 409 `account_exists`. */
  async invite(scope: Scope, invited: Invited): Promise<NewLink> {
    if (await this.accounts.byEmail(invited.email)) throw new AppError('account_exists');
    const made = await this.links.invite(invited);
    const object = { kind: 'invitation', id: made.link._id.toHexString() } as const;
    await this.audit.record(scope, { action: 'invited', object, detail: { role: invited.role } });
    return made;
  }

  /** A link with which somebody sets a new password. @throws AppError 404 `account_not_found`. */
  async resetLink(scope: Scope, userId: string): Promise<NewLink> {
    await this.get(userId);
    const made = await this.links.reset(userId);
    await this.audit.record(scope, { action: 'password_reset', user: userId });
    return made;
  }

  /**
   * Who may less than before is logged out everywhere.
   * @throws AppError 404 `account_not_found`, 409 `last_admin`.
   */
  async change(scope: Scope, userId: string, changes: AccountChanges): Promise<AccountDocument> {
    const before = await this.get(userId);
    const { name, role, isDisabled } = changes;
    const isDemoted = before.role === 'admin' && role === 'user';
    const isShutOut = isDisabled === true && before.disabled_at === null;
    if (isDemoted || isShutOut) await this.accounts.checkNotLastAdmin(before);
    if (isDisabled !== undefined && isDisabled !== (before.disabled_at !== null))
      await this.setDisabled(scope, userId, isDisabled);
    if (role !== undefined && role !== before.role) await this.setRole(scope, userId, role);
    if (isDemoted || isShutOut) await this.sessions.endAll(scope.tenant, userId);
    return name === undefined ? this.get(userId) : this.accounts.change(userId, { name: name.trim() });
  }

  private async setDisabled(scope: Scope, user: string, isDisabled: boolean): Promise<void> {
    await this.accounts.setDisabled(user, isDisabled);
    await this.audit.record(scope, { action: isDisabled ? 'account_disabled' : 'account_enabled', user });
  }

  private async setRole(scope: Scope, user: string, role: Role): Promise<void> {
    await this.accounts.change(user, { role });
    await this.audit.record(scope, { action: 'role_changed', user, detail: { role } });
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
