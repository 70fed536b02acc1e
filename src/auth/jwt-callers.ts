import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../common/index.js';
import type { Caller } from '../platform/http/index.js';
import { IdentityProvider } from './identity-provider.js';
import { ServiceTokens } from './service-tokens.js';

/** A verified token. */
interface Known {
  caller: Caller;
  /** When it has to be verified again, epoch ms. */
  until: number;
}

const KNOWN_MAX = 5000;
/** Longer tokens are verified each time, so that few clients cannot fill the memory. */
const KNOWN_MAX_CHARS = 4096;
/** A key that its provider has withdrawn stops counting after this time and that for which keys are kept. */
const TRUST_MS = 600_000;

/** Whose a JSON Web Token is. A token is verified once, not with every request. */
@Injectable()
export class JwtCallers {
  private readonly known = new LRUCache<string, Known>({ max: KNOWN_MAX });

  constructor(
    private readonly provider: IdentityProvider,
    private readonly services: ServiceTokens,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError 401 `token_expired`, `token_invalid`; 503 `identity_provider_unavailable`. */
  async caller(token: string): Promise<Caller> {
    const known = this.known.get(token);
    const now = this.clock.now();
    if (known && now < known.until) return known.caller;
    const caller = await (this.services.isOne(token)
      ? this.services.caller(token)
      : this.provider.caller(token));
    const until = Math.min(caller.permission?.until ?? now, now + TRUST_MS);
    if (token.length <= KNOWN_MAX_CHARS) this.known.set(token, { caller, until });
    return caller;
  }
}
