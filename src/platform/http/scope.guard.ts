import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { ANY_USER, DEFAULT_TENANT, type Scope } from '../../common/index.js';
import { makeScope } from '../../common/scope-factory.js';

const SCOPE = Symbol('scope');

type ScopedRequest = Request & { [SCOPE]?: Scope };

/**
 * Determines who is asking, before anything else happens. Without authentication a deployment has one tenant, and a
 * request is made by the user in its path, or by anybody.
 */
@Injectable()
export class ScopeGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<ScopedRequest>();
    const user = request.params['user_id'];
    request[SCOPE] = makeScope({ tenant: DEFAULT_TENANT, user: typeof user === 'string' ? user : ANY_USER });
    return true;
  }
}

/** Who is asking. */
export const CurrentScope = createParamDecorator((_: unknown, context: ExecutionContext): Scope => {
  const scope = context.switchToHttp().getRequest<ScopedRequest>()[SCOPE];
  if (!scope) throw new Error('A route without ScopeGuard has no scope.');
  return scope;
});
