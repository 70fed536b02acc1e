import { Injectable } from '@nestjs/common';
import { isEmail } from 'class-validator';
import { AuditLog } from '../../audit/index.js';
import { clip, DEFAULT_TENANT, isCleanText, type Actor } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { AccountLinks } from '../accounts/account-links.js';
import { emailKey, type AccountDocument, type Role } from '../accounts/account.schema.js';
import { Accounts } from '../accounts/accounts.js';
import { LoginSessions } from '../sessions/login-sessions.js';
import type { Vouched } from './open-id-provider.js';

/** Why somebody whom the provider knows is not let in. */
export type Refusal = 'not_invited' | 'account_disabled' | 'email_not_verified';

const NAME_CHARS = 200;

/** Whose account it is when a provider vouches for somebody. */
@Injectable()
export class OpenIdAccounts {
  constructor(
    private readonly accounts: Accounts,
    private readonly links: AccountLinks,
    private readonly sessions: LoginSessions,
    private readonly settings: Settings,
    private readonly audit: AuditLog,
  ) {}

  /**
   * The account that is linked to them; else the one with their verified address, which is linked now; else a new one, if
   * they are invited or of a domain of `OIDC_DOMAINS`.
   */
  async of(vouched: Vouched, actor: Actor): Promise<AccountDocument | Refusal> {
    const { issuer, subject } = vouched;
    const linked = await this.accounts.byIdentity({ issuer, subject });
    const found = linked ?? (await this.byAddress(vouched, actor));
    if (typeof found === 'string') return found;
    if (found.disabled_at !== null) return 'account_disabled';
    return this.withRole(found, vouched, actor);
  }

  private async byAddress(vouched: Vouched, actor: Actor): Promise<AccountDocument | Refusal> {
    const { issuer, subject, email, isEmailVerified } = vouched;
    if (email === undefined || !isCleanText(email) || !isEmail(email)) return 'email_not_verified';
    if (!isEmailVerified) return 'email_not_verified';
    const known = await this.accounts.byEmail(email);
    if (!known) return this.join(vouched, email, actor);
    await this.accounts.link(known.user_id, { issuer, subject });
    return known;
  }

  private async join(
    { issuer, subject, name }: Vouched,
    email: string,
    actor: Actor,
  ): Promise<AccountDocument | Refusal> {
    const invitation = await this.links.invitationOf(email);
    const domain = emailKey(email).split('@').at(-1) ?? '';
    const isOfDomain = this.settings.OIDC_DOMAINS.some((one) => one.toLowerCase() === domain);
    if (!invitation && !isOfDomain) return 'not_invited';
    const account = await this.accounts.create({
      email,
      name: name !== undefined && isCleanText(name) ? clip(name.trim() || email, NAME_CHARS) : email,
      role: invitation?.role ?? 'user',
      password: null,
      identity: { issuer, subject },
    });
    await this.links.forget({ kind: 'invitation', email_key: account.email_key });
    const by = {
      tenant: DEFAULT_TENANT,
      user: account.user_id,
      actor: { ...actor, subject: account.user_id },
    };
    const detail = { how: 'openid', role: account.role };
    await this.audit.record(by, { action: 'joined', user: account.user_id, detail });
    return account;
  }

  /** The provider's groups decide, if a setting says so; but never so that nobody is left. */
  private async withRole(
    account: AccountDocument,
    { claims }: Vouched,
    actor: Actor,
  ): Promise<AccountDocument> {
    const { OIDC_ADMIN_CLAIM: claim, OIDC_ADMIN_VALUE: wanted } = this.settings;
    if (claim === undefined) return account;
    const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
    const isAdmin = Array.isArray(value) ? value.includes(wanted) : value === wanted;
    const role: Role = isAdmin ? 'admin' : 'user';
    if (role === account.role) return account;
    if (role === 'user' && !(await this.accounts.hasAdmin(account.user_id))) return account;
    const changed = await this.accounts.change(account.user_id, { role });
    if (role === 'user') await this.sessions.endAll(DEFAULT_TENANT, account.user_id);
    const by = { tenant: DEFAULT_TENANT, user: account.user_id, actor };
    await this.audit.record(by, {
      action: 'role_changed',
      user: account.user_id,
      detail: { role, how: 'openid' },
    });
    return changed;
  }
}
