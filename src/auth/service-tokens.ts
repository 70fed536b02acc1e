import { Injectable } from '@nestjs/common';
import { decodeProtectedHeader, SignJWT } from 'jose';
import { ANY_USER, AppError, Clock, type TenantId } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { isSameSecret, type Caller } from '../platform/http/index.js';
import { ServerKeys } from './server-keys.js';
import { verifyJwt } from './verify-jwt.js';

/** Who logs in: an agent service, for a project of a tenant. */
export interface AgentLogin {
  tenantId: string;
  projectId: string;
  secret: string;
}

/** A token, and how long it is valid, s. */
export interface IssuedToken {
  token: string;
  expiresIn: number;
}

const LIFETIME_S = 3600;
const KEY_ID = 'urn:reprise:service-token';
const ALGORITHM = 'HS256';
const ABOUT = { issuer: 'urn:reprise', audience: 'urn:reprise' };

/** Tokens of agent services, signed by this server. */
@Injectable()
export class ServiceTokens {
  constructor(
    private readonly keys: ServerKeys,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  get isEnabled(): boolean {
    return this.settings.AI_AGENT_SECRET !== undefined;
  }

  /** @throws AppError 404 `login_disabled`, 401 `wrong_agent_secret`. */
  async login({ tenantId, projectId, secret }: AgentLogin): Promise<IssuedToken> {
    const { AI_AGENT_SECRET } = this.settings;
    if (AI_AGENT_SECRET === undefined) throw new AppError('login_disabled', {});
    if (!isSameSecret(secret, AI_AGENT_SECRET)) throw new AppError('wrong_agent_secret');
    const now = Math.floor(this.clock.now() / 1000);
    const token = await new SignJWT({ tenant_id: tenantId, project_id: projectId })
      .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID, typ: 'JWT' })
      .setSubject(`agent:${projectId}`)
      .setIssuer(ABOUT.issuer)
      .setAudience(ABOUT.audience)
      .setIssuedAt(now)
      .setExpirationTime(now + LIFETIME_S)
      .sign(this.key(AI_AGENT_SECRET));
    return { token, expiresIn: LIFETIME_S };
  }

  /** Whether a token says that it is one of these; its signature has to be checked. */
  isOne(token: string): boolean {
    try {
      return decodeProtectedHeader(token).kid === KEY_ID;
    } catch {
      return false;
    }
  }

  /** Whose token this is. @throws AppError 401 `token_expired`, `token_invalid`. */
  async caller(token: string): Promise<Caller> {
    const { AI_AGENT_SECRET } = this.settings;
    if (AI_AGENT_SECRET === undefined)
      throw new AppError('token_invalid', { why: 'agents cannot log in here any more' });
    const claims = await verifyJwt(token, this.key(AI_AGENT_SECRET), {
      algorithms: [ALGORITHM],
      currentDate: new Date(this.clock.now()),
      ...ABOUT,
    });
    return {
      tenant: claims['tenant_id'] as TenantId,
      user: ANY_USER,
      subject: claims.sub,
      isService: true,
      rights: ['read', 'write'],
      permission: { until: claims.exp * 1000 },
    };
  }

  /** Another secret makes another key, so that changing it logs out all agents. */
  private key(secret: string): Uint8Array {
    return this.keys.derive('service-token', secret);
  }
}
