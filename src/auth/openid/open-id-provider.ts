import { Injectable } from '@nestjs/common';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretPost,
  discovery,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type Configuration,
} from 'openid-client';
import { AppError } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';

/** What has to be remembered between going to the provider and coming back. */
export interface Flow {
  state: string;
  nonce: string;
  verifier: string;
  /** Path of this server where the person wanted to go. */
  to: string;
}

/** Whom the provider vouches for. */
export interface Vouched {
  issuer: string;
  subject: string;
  email: string | undefined;
  isEmailVerified: boolean;
  name: string | undefined;
  /** All claims. */
  claims: Readonly<Record<string, unknown>>;
}

const TIMEOUT_S = 10;
/** Where the provider sends people back. */
export const CALLBACK = '/api/auth/oidc/callback';

/** Speaks OpenID Connect with the provider of `OIDC_ISSUER`: code flow with PKCE, state and nonce. */
@Injectable()
export class OpenIdProvider {
  private found: Promise<Configuration> | undefined;

  constructor(private readonly settings: Settings) {}

  /** @returns where to send the browser. @throws AppError 503 `identity_provider_unavailable`. */
  async begin(to: string): Promise<{ url: URL; flow: Flow }> {
    const config = await this.configuration();
    const flow = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier(), to };
    const url = buildAuthorizationUrl(config, {
      redirect_uri: this.here(CALLBACK).href,
      scope: this.settings.OIDC_SCOPES,
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
    });
    return { url, flow };
  }

  /**
   * @param path with its query, to which the provider has sent the browser.
   * @throws AppError 503 `identity_provider_unavailable`; Error if what came back is not the answer to this flow.
   */
  async finish(path: string, { state, nonce, verifier }: Flow): Promise<Vouched> {
    const config = await this.configuration();
    const checks = {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    };
    const tokens = await authorizationCodeGrant(config, this.here(path), checks);
    const told = tokens.claims();
    if (!told) throw new Error('The provider sent no ID token.');
    const more =
      told['email'] === undefined && config.serverMetadata().userinfo_endpoint !== undefined
        ? await fetchUserInfo(config, tokens.access_token, told.sub)
        : {};
    return vouchedBy({ ...more, ...told }, told.iss, told.sub);
  }

  private here(path: string): URL {
    return new URL(path, this.settings.PUBLIC_URL);
  }

  /** A provider that is away is asked again the next time. */
  private configuration(): Promise<Configuration> {
    this.found ??= this.discover().catch((error: unknown) => {
      this.found = undefined;
      throw new AppError('identity_provider_unavailable').causedBy(error);
    });
    return this.found;
  }

  private discover(): Promise<Configuration> {
    const { OIDC_ISSUER = '', OIDC_CLIENT_ID = '', OIDC_CLIENT_SECRET: secret } = this.settings;
    const auth = secret === undefined ? None() : ClientSecretPost(secret);
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so that nobody overlooks it: a provider on this machine has no TLS
    const execute = OIDC_ISSUER.startsWith('http:') ? [allowInsecureRequests] : [];
    return discovery(new URL(OIDC_ISSUER), OIDC_CLIENT_ID, secret, auth, { execute, timeout: TIMEOUT_S });
  }
}

function vouchedBy(claims: Record<string, unknown>, issuer: string, subject: string): Vouched {
  const text = (name: string): string | undefined =>
    typeof claims[name] === 'string' && claims[name] !== '' ? claims[name] : undefined;
  return {
    issuer,
    subject,
    email: text('email'),
    isEmailVerified: claims['email_verified'] === true,
    name: text('name') ?? text('preferred_username'),
    claims,
  };
}
