import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../audit/index.js';
import { DEFAULT_TENANT, type Actor } from '../../common/index.js';
import { Log } from '../../platform/logging/index.js';
import type { AccountDocument } from '../accounts/account.schema.js';
import { BrowserSessions } from '../accounts/browser-sessions.js';
import { SignIn } from '../accounts/sign-in.js';
import { OpenIdAccounts, type Refusal } from './open-id-accounts.js';
import { OpenIdProvider, type Flow } from './open-id-provider.js';

/** Who comes back from the provider. */
export interface Visitor {
  actor: Actor;
  isSecure: boolean;
}

/** The value of the cookie, or why there is none. */
export type Outcome = { cookie: string } | { refused: Refusal | 'failed' };

/** Lets people in for whom the provider vouches. */
@Injectable()
export class OpenIdSignIn {
  private readonly logger = new Log(OpenIdSignIn.name);

  constructor(
    private readonly provider: OpenIdProvider,
    private readonly accounts: OpenIdAccounts,
    private readonly signIn: SignIn,
    private readonly browsers: BrowserSessions,
    private readonly audit: AuditLog,
  ) {}

  /** @param flow of this browser; without one, it never began. */
  async finish(path: string, flow: Flow | undefined, { actor, isSecure }: Visitor): Promise<Outcome> {
    const found = await this.accountOf(path, flow, actor);
    if (typeof found !== 'string') {
      const account = await this.signIn.welcome(found, actor, 'openid');
      return { cookie: await this.browsers.begin(account, isSecure) };
    }
    const by = { tenant: DEFAULT_TENANT, actor };
    await this.audit.record(by, { action: 'login_failed', detail: { how: 'openid', why: found } });
    return { refused: found };
  }

  private async accountOf(
    path: string,
    flow: Flow | undefined,
    actor: Actor,
  ): Promise<AccountDocument | Refusal | 'failed'> {
    if (!flow) return 'failed';
    try {
      return await this.accounts.of(await this.provider.finish(path, flow), actor);
    } catch (err) {
      this.logger.warn('a login with the OpenID provider failed', { err });
      return 'failed';
    }
  }
}
