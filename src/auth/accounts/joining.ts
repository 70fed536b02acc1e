import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../audit/index.js';
import { AppError, DEFAULT_TENANT, type Actor } from '../../common/index.js';
import { validationFailed } from '../../platform/http/index.js';
import { LoginSessions } from '../sessions/login-sessions.js';
import type { AccountLinkDocument } from './account-link.schema.js';
import { AccountLinks } from './account-links.js';
import { emailKey, type AccountDocument } from './account.schema.js';
import { Accounts } from './accounts.js';
import { Passwords } from './passwords.js';

/** What somebody says who uses a link. */
export interface Joining {
  /** Needed to set up; otherwise the link says it. */
  email?: string | undefined;
  /** Needed for a new account. */
  name?: string | undefined;
  password: string;
  actor: Actor;
}

/** Turns links into accounts and passwords. */
@Injectable()
export class JoiningDesk {
  constructor(
    private readonly links: AccountLinks,
    private readonly accounts: Accounts,
    private readonly passwords: Passwords,
    private readonly sessions: LoginSessions,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Uses a link up.
   * @throws AppError 404 `link_not_found`, 400 `validation_failed`, 409 `account_exists`, 403 `account_disabled`.
   */
  async use(secret: string, joining: Joining): Promise<AccountDocument> {
    const link = await this.look(secret);
    checkFields(link, joining);
    const password = await this.passwords.hash(joining.password);
    const account = await this.links.use(link, () =>
      link.kind === 'reset' ? this.reset(link, password) : this.join(link, joining, password),
    );
    await this.note(link, joining.actor, account);
    return account;
  }

  /** What a link is good for. @throws AppError 404 `link_not_found`. */
  async look(secret: string): Promise<AccountLinkDocument> {
    const link = await this.links.look(secret);
    // Somebody else was faster.
    if (link.kind === 'setup' && (await this.accounts.hasAdmin())) throw new AppError('link_not_found');
    return link;
  }

  private async join(
    link: AccountLinkDocument,
    { email = '', name = '' }: Joining,
    password: string,
  ): Promise<AccountDocument> {
    const made = {
      email: link.email ?? email,
      name: name.trim(),
      role: link.role ?? ('admin' as const),
      password,
    };
    const account = await this.accounts.create(made);
    await this.links.forget(
      link.kind === 'setup' ? { kind: 'setup' } : { kind: 'invitation', email_key: account.email_key },
    );
    return account;
  }

  /** Who had the old password is out. */
  private async reset({ user_id }: AccountLinkDocument, password: string): Promise<AccountDocument> {
    const account = await this.accounts.byId(user_id ?? '');
    if (!account) throw new AppError('link_not_found');
    if (account.disabled_at !== null) throw new AppError('account_disabled');
    const changed = await this.accounts.change(account.user_id, { password });
    await this.sessions.endAll(DEFAULT_TENANT, account.user_id);
    return changed;
  }

  private async note(link: AccountLinkDocument, actor: Actor, account: AccountDocument): Promise<void> {
    const { user_id: user, role } = account;
    const by = { tenant: DEFAULT_TENANT, user, actor: { ...actor, subject: user } };
    await this.audit.record(
      by,
      link.kind === 'reset'
        ? { action: 'password_changed', user, detail: { how: 'link' } }
        : { action: 'joined', user, detail: { how: link.kind, role } },
    );
  }
}

/** What is missing, or must not be there, depends on the link. */
function checkFields({ kind, email }: AccountLinkDocument, given: Joining): void {
  const errors = [];
  const needed = 'is needed for this link';
  if (kind === 'setup' && given.email === undefined) errors.push({ field: 'email', message: needed });
  if (kind !== 'reset' && given.name === undefined) errors.push({ field: 'name', message: needed });
  if (kind === 'reset' && given.name !== undefined)
    errors.push({ field: 'name', message: 'must be missing: this link only sets a password' });
  const isOther = given.email !== undefined && (email === null || emailKey(given.email) !== emailKey(email));
  if (kind !== 'setup' && isOther)
    errors.push({ field: 'email', message: 'must be missing: the link says whose it is' });
  if (errors.length > 0) throw validationFailed(errors);
}
