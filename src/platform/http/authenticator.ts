import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { ANY_USER, DEFAULT_TENANT, type Scope } from '../../common/index.js';
import type { RouteAccess } from './access.decorators.js';

/** What a caller may do. `manage`: create and withdraw tokens. */
export type Right = 'read' | 'write' | 'manage';

/** Who sent a request. */
export interface Caller extends Pick<Scope, 'tenant' | 'user' | 'permission'> {
  /** Who logged in, also where they may act for anybody; missing without authentication. */
  subject?: string;
  /** Has logged in here; the credential of the permission is that login, no token. */
  isInPerson?: boolean;
  /** A service of the operator, by a token of this server; the name alone would prove nothing. */
  isService?: boolean;
  /** Missing: everything. */
  rights?: readonly Right[];
}

/** Determines who sent a request. */
export abstract class Authenticator {
  /**
   * @param access what the route asks for.
   * @throws AppError if the request does not say so although it must.
   */
  abstract authenticate(request: Request, access: RouteAccess): Caller | Promise<Caller>;
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
