import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Scope } from '../../common/index.js';
import { makeScope } from '../../common/scope-factory.js';
import { Authenticator } from './authenticator.js';

const SCOPE = Symbol('scope');

type ScopedRequest = Request & { [SCOPE]?: Scope };

/** Gives a request its scope, before anything else happens. */
@Injectable()
export class ScopeGuard implements CanActivate {
  constructor(private readonly authenticator: Authenticator) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ScopedRequest>();
    request[SCOPE] = makeScope(await this.authenticator.authenticate(request));
    return true;
  }
}

/** Who is asking. */
export const CurrentScope = createParamDecorator((_: unknown, context: ExecutionContext): Scope => {
  const scope = context.switchToHttp().getRequest<ScopedRequest>()[SCOPE];
  if (!scope) throw new Error('A route without ScopeGuard has no scope.');
  return scope;
});
