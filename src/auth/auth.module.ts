import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AuditModule } from '../audit/index.js';
import { bind } from '../common/index.js';
import type { Settings } from '../platform/config/index.js';
import { Authenticator, NoAuthentication, PlainStreamUrls, StreamUrls } from '../platform/http/index.js';
import { UsersModule } from '../users/index.js';
import { AgentLoginController } from './http/agent-login.controller.js';
import { SessionController } from './http/session.controller.js';
import { TokensController } from './http/tokens.controller.js';
import { IdentityProvider } from './identity-provider.js';
import { JwtCallers } from './jwt-callers.js';
import { ServerKeys } from './server-keys.js';
import { SERVER_SECRET, serverSecretSchema } from './server-secret.schema.js';
import { ServiceTokens } from './service-tokens.js';
import { TicketedStreamUrls } from './ticketed-stream-urls.js';
import { Tickets } from './tickets.js';
import { TokenAuthentication } from './token-authentication.js';
import { ACCESS_TOKEN, accessTokenSchema } from './tokens/access-token.schema.js';
import { AccessTokens } from './tokens/access-tokens.js';
import { TokenKeeper } from './tokens/token-keeper.js';

/** How callers are known without authentication. */
const NONE: Provider[] = [
  bind(Authenticator, { useClass: NoAuthentication }),
  bind(StreamUrls, { useClass: PlainStreamUrls }),
];

/** How they are known by tokens. */
const JWT: Provider[] = [
  IdentityProvider,
  JwtCallers,
  Tickets,
  TokenKeeper,
  bind(Authenticator, { useClass: TokenAuthentication }),
  bind(StreamUrls, { useClass: TicketedStreamUrls }),
];

/** Who is asking, by `AUTH_MODE`; and the logins that this server has itself. */
@Module({})
export class AuthModule {
  static with({ AUTH_MODE, ROLE }: Settings): DynamicModule {
    const isOn = AUTH_MODE !== 'none';
    // A token that anybody could have made must not be worth anything later, so without authentication there are none.
    const served: Type[] = [AgentLoginController, SessionController, ...(isOn ? [TokensController] : [])];
    return {
      module: AuthModule,
      global: true,
      imports: [
        MongooseModule.forFeature([
          { name: SERVER_SECRET, schema: serverSecretSchema },
          { name: ACCESS_TOKEN, schema: accessTokenSchema },
        ]),
        UsersModule,
        AuditModule,
      ],
      controllers: ROLE === 'worker' ? [] : served,
      // Tokens are erased with their user, in every mode.
      providers: [ServerKeys, ServiceTokens, AccessTokens, ...(isOn ? JWT : NONE)],
      exports: [Authenticator, StreamUrls],
    };
  }
}
