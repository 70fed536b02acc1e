import { Injectable } from '@nestjs/common';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { ANY_USER, AppError, Clock, DEFAULT_TENANT, type TenantId } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { isExternalId, type Caller } from '../platform/http/index.js';
import { Log } from '../platform/logging/index.js';
import { verifyJwt, type GoodClaims } from './verify-jwt.js';

/** Public keys only: with them nobody can sign, whatever a token says about its algorithm. */
const PUBLIC_KEY_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
const SHARED_SECRET_ALGORITHMS = ['HS256'];

/** A key that was withdrawn is forgotten after this time. */
const KEYS_MAX_AGE_MS = 600_000;
/** The last moment that a `Date` can hold. */
const LAST_DATE_MS = 8.64e15;
/** A provider that fails is not asked again for this long. */
const FAILURE_PAUSE_MS = 1000;

/** Knows people by the tokens of an identity provider. */
@Injectable()
export class IdentityProvider {
  private readonly key: Uint8Array | JWTVerifyGetKey;
  private readonly algorithms: string[];

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {
    const { AUTH_JWT_SECRET, AUTH_JWKS_URL, AUTH_AUDIENCE } = settings;
    if (AUTH_JWKS_URL !== undefined && AUTH_AUDIENCE.length === 0)
      new Log(IdentityProvider.name).warn(
        'AUTH_AUDIENCE is not set: tokens that the identity provider issues for other applications are accepted.',
      );
    this.algorithms = AUTH_JWKS_URL === undefined ? SHARED_SECRET_ALGORITHMS : PUBLIC_KEY_ALGORITHMS;
    this.key =
      AUTH_JWKS_URL === undefined
        ? new TextEncoder().encode(AUTH_JWT_SECRET)
        : remoteKeys(new URL(AUTH_JWKS_URL), settings);
  }

  /**
   * Whose token this is.
   * @throws AppError 401 `token_expired`, `token_invalid`; 503 `identity_provider_unavailable`.
   */
  async caller(token: string): Promise<Caller> {
    const { AUTH_ISSUER, AUTH_AUDIENCE, AUTH_CLOCK_TOLERANCE_S } = this.settings;
    const claims = await verifyJwt(token, this.key, {
      algorithms: this.algorithms,
      currentDate: new Date(this.clock.now()),
      clockTolerance: AUTH_CLOCK_TOLERANCE_S,
      ...(AUTH_ISSUER !== undefined && { issuer: AUTH_ISSUER }),
      ...(AUTH_AUDIENCE.length > 0 && { audience: AUTH_AUDIENCE }),
    });
    return this.callerOf(claims);
  }

  private callerOf(claims: GoodClaims): Caller {
    const { AUTH_TENANT_CLAIM, AUTH_CLOCK_TOLERANCE_S } = this.settings;
    const tenant = Object.hasOwn(claims, AUTH_TENANT_CLAIM) ? claims[AUTH_TENANT_CLAIM] : DEFAULT_TENANT;
    if (!isExternalId(tenant)) throw badClaim(AUTH_TENANT_CLAIM);
    if (!isExternalId(claims.sub)) throw badClaim('sub');
    return {
      tenant: tenant as TenantId,
      user: scopesOf(claims).includes('admin') ? ANY_USER : claims.sub,
      subject: claims.sub,
      permission: { until: Math.min((claims.exp + AUTH_CLOCK_TOLERANCE_S) * 1000, LAST_DATE_MS) },
    };
  }
}

function badClaim(claim: string): AppError {
  return new AppError('token_invalid', {
    why: `its claim "${claim}" must be a text of 1 to 200 characters, without control characters and "/"`,
  });
}

/** `scope` of OAuth, a text or a list; `scp` of Entra ID. */
function scopesOf({ scope, scp }: GoodClaims): unknown[] {
  const lists: unknown[] = [scope, scp].map((value) =>
    typeof value === 'string' ? value.split(' ') : value,
  );
  return lists.flat();
}

/** The provider's keys: read when needed, kept, read again for a key that is not known. */
function remoteKeys(url: URL, settings: Settings): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: settings.AUTH_JWKS_TIMEOUT_MS,
    cooldownDuration: settings.AUTH_JWKS_COOLDOWN_MS,
    cacheMaxAge: KEYS_MAX_AGE_MS,
  });
  let failedAt = -Infinity;
  return async (header, token) => {
    if (!keys.fresh && performance.now() - failedAt < FAILURE_PAUSE_MS)
      throw new AppError('identity_provider_unavailable');
    try {
      return await keys(header, token);
    } catch (error) {
      if (isAboutTheToken(error)) throw error;
      failedAt = performance.now();
      throw new AppError('identity_provider_unavailable').causedBy(error);
    }
  };
}

function isAboutTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}
