import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { ANY_USER, DEFAULT_TENANT, type Scope } from '../../common/index.js';

/** Who sent a request. */
export type Caller = Pick<Scope, 'tenant' | 'user'>;

/** Determines who sent a request. */
export abstract class Authenticator {
  /** @throws AppError if the request does not say so although it must. */
  abstract authenticate(request: Request): Caller | Promise<Caller>;
}

/**
 * Without authentication a deployment has one tenant, and a request is made by the user in its path, or by anybody.
 */
@Injectable()
export class NoAuthentication extends Authenticator {
  override authenticate({ params }: Request): Caller {
    const user = params['user_id'];
    return { tenant: DEFAULT_TENANT, user: typeof user === 'string' ? user : ANY_USER };
  }
}
