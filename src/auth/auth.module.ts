import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AuditModule } from '../audit/index.js';
import { bind } from '../common/index.js';
import type { Settings } from '../platform/config/index.js';
import { Authenticator, NoAuthentication, PlainStreamUrls, StreamUrls } from '../platform/http/index.js';
import { UsersModule } from '../users/index.js';
import { ACCOUNT, accountSchema } from './accounts/account.schema.js';
import { ACCOUNT_LINK, accountLinkSchema } from './accounts/account-link.schema.js';
import { AccountLinks } from './accounts/account-links.js';
import { Accounts } from './accounts/accounts.js';
import { FirstAdmin } from './accounts/first-admin.js';
import { ACCOUNT_PROVIDERS, accountControllers } from './accounts-mode.js';
import { Credentials } from './credentials.js';
import { TokenLoginController } from './http/accounts/token-login.controller.js';
import { AgentLoginController } from './http/agent-login.controller.js';
import { SessionController } from './http/session.controller.js';
import { TokensController } from './http/tokens.controller.js';
import { IdentityProvider } from './identity-provider.js';
import { JwtCallers } from './jwt-callers.js';
import { JwtLogins } from './jwt-logins.js';
import { Logins } from './logins.js';
import { ServerKeys } from './server-keys.js';
import { SERVER_SECRET, serverSecretSchema } from './server-secret.schema.js';
import { ServiceTokens } from './service-tokens.js';
import { LOGIN_SESSION, loginSessionSchema } from './sessions/login-session.schema.js';
import { LoginSessions } from './sessions/login-sessions.js';
import { LoginTokens } from './sessions/login-tokens.js';
import { AnybodysStanding, Standing } from './standing.js';
import { TicketedStreamUrls } from './ticketed-stream-urls.js';
import { Tickets } from './tickets.js';
import { TokenAuthentication } from './token-authentication.js';
import { ACCESS_TOKEN, accessTokenSchema } from './tokens/access-token.schema.js';
import { AccessTokens } from './tokens/access-tokens.js';
import { TokenKeeper } from './tokens/token-keeper.js';

const anybody = bind(Standing, { useClass: AnybodysStanding });

/** How callers are known without authentication. */
const NONE: Provider[] = [
  anybody,
  bind(Authenticator, { useClass: NoAuthentication }),
  bind(StreamUrls, { useClass: PlainStreamUrls }),
];

/** How they are known by what they bring. */
const KNOWN: Provider[] = [
  Credentials,
  Tickets,
  TokenKeeper,
  bind(Authenticator, { useClass: TokenAuthentication }),
  bind(StreamUrls, { useClass: TicketedStreamUrls }),
];

const BY_MODE: Record<Settings['AUTH_MODE'], Provider[]> = {
  none: NONE,
  jwt: [...KNOWN, anybody, IdentityProvider, JwtCallers, bind(Logins, { useClass: JwtLogins })],
  accounts: [...KNOWN, ...ACCOUNT_PROVIDERS],
};

/** What belongs to users is erased with them, in every mode. */
const STORED: Provider[] = [AccessTokens, AccountLinks, LoginSessions, Accounts];

/** Who is asking, by `AUTH_MODE`; and the logins that this server has itself. */
@Module({})
export class AuthModule {
  static with(settings: Settings): DynamicModule {
    const { AUTH_MODE, ROLE } = settings;
    return {
      module: AuthModule,
      global: true,
      imports: [
        MongooseModule.forFeature([
          { name: SERVER_SECRET, schema: serverSecretSchema },
          { name: ACCESS_TOKEN, schema: accessTokenSchema },
          { name: ACCOUNT, schema: accountSchema },
          { name: ACCOUNT_LINK, schema: accountLinkSchema },
          { name: LOGIN_SESSION, schema: loginSessionSchema },
        ]),
        UsersModule,
        AuditModule,
      ],
      controllers: ROLE === 'worker' ? [] : controllersFor(settings),
      providers: [ServerKeys, ServiceTokens, LoginTokens, FirstAdmin, ...STORED, ...BY_MODE[AUTH_MODE]],
      exports: [Authenticator, StreamUrls],
    };
  }
}

function controllersFor(settings: Settings): Type[] {
  const { AUTH_MODE: mode } = settings;
  return [
    AgentLoginController,
    SessionController,
    TokenLoginController,
    // A token that anybody could have made must not be worth anything later, so without authentication there are none.
    ...(mode === 'none' ? [] : [TokensController]),
    ...(mode === 'accounts' ? accountControllers(settings) : []),
  ];
}
