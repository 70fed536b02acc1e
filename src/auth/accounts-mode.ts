import type { Provider, Type } from '@nestjs/common';
import { bind } from '../common/index.js';
import type { Settings } from '../platform/config/index.js';
import { AccountKeeper } from './accounts/account-keeper.js';
import { AccountStanding } from './accounts/account-standing.js';
import { BrowserSessions } from './accounts/browser-sessions.js';
import { JoiningDesk } from './accounts/joining.js';
import { LoginAttempts } from './accounts/login-attempts.js';
import { OwnAccount } from './accounts/own-account.js';
import { Passwords } from './accounts/passwords.js';
import { SignIn } from './accounts/sign-in.js';
import { AccountsController } from './http/accounts/accounts.controller.js';
import { InvitationsController } from './http/accounts/invitations.controller.js';
import { LinksController } from './http/accounts/links.controller.js';
import { OpenIdController } from './http/accounts/open-id.controller.js';
import { SignInController } from './http/accounts/sign-in.controller.js';
import { Logins } from './logins.js';
import { OpenIdAccounts } from './openid/open-id-accounts.js';
import { OpenIdProvider } from './openid/open-id-provider.js';
import { OpenIdSignIn } from './openid/open-id-sign-in.js';
import { AccountLogins } from './sessions/account-logins.js';
import { SessionCookie } from './sessions/session-cookie.js';
import { Standing } from './standing.js';

/** What `AUTH_MODE=accounts` adds. */
export const ACCOUNT_PROVIDERS: Provider[] = [
  AccountKeeper,
  BrowserSessions,
  JoiningDesk,
  LoginAttempts,
  OwnAccount,
  OpenIdAccounts,
  OpenIdProvider,
  OpenIdSignIn,
  Passwords,
  SessionCookie,
  SignIn,
  bind(Standing, { useClass: AccountStanding }),
  bind(Logins, { useClass: AccountLogins }),
];

/** Its routes. */
export const accountControllers = ({ OIDC_ISSUER }: Settings): Type[] => [
  SignInController,
  LinksController,
  AccountsController,
  InvitationsController,
  ...(OIDC_ISSUER === undefined ? [] : [OpenIdController]),
];
