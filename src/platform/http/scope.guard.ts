import {
  createParamDecorator,
  Injectable,
  Optional,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { ANY_USER, AppError, type Actor, type Scope } from '../../common/index.js';
import { makeScope } from '../../common/scope-factory.js';
import { accessOf, type RouteAccess } from './access.decorators.js';
import { Authenticator, type Caller, type Right } from './authenticator.js';
import { isReading } from './cross-site.js';
import { OperatorsToken } from './operators-token.js';
import { RefusedRequests } from './refused-requests.js';
import { requestId } from './request-id.js';
import { originOf } from './request-trace.js';

const SCOPE = Symbol('scope');
const CALLER = Symbol('caller');

type ScopedRequest = Request & { [SCOPE]?: Scope; [CALLER]?: Caller };

/** Gives a request its scope, before anything else happens. */
@Injectable()
export class ScopeGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly operators: OperatorsToken,
    @Optional() private readonly refused?: RefusedRequests,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ScopedRequest>();
    const access = accessOf(context);
    if (access === 'anybody') return true;
    if (access === 'operators') {
      this.operators.check(request);
      return true;
    }
    const caller = await this.authenticated(context, access);
    checkRights(caller, neededFor(access, request));
    if (access === 'admins' || access === 'accounts') checkAdmin(caller);
    const { tenant, user, permission } = caller;
    const actor = actorOf(request, caller);
    request[SCOPE] = makeScope({ tenant, user, permission, origin: originOf(request), actor });
    request[CALLER] = caller;
    return true;
  }

  /** What is refused is counted: nobody can try tokens without end. */
  private async authenticated(context: ExecutionContext, access: RouteAccess): Promise<Caller> {
    const http = context.switchToHttp();
    try {
      return await this.authenticator.authenticate(http.getRequest<Request>(), access);
    } catch (error) {
      if (error instanceof AppError && error.status === 401)
        await this.refused?.count(http.getRequest<Request>(), http.getResponse<Response>());
      throw error;
    }
  }
}

function neededFor(access: RouteAccess, { method }: Request): Right {
  if (access === 'manage' || access === 'accounts') return 'manage';
  if (access === 'change') return 'write';
  return isReading(method) ? 'read' : 'write';
}

/** Whether the object exists is not looked up before. @throws AppError 403 `insufficient_scope`. */
function checkRights({ rights }: Caller, needed: Right): void {
  if (rights && !rights.includes(needed)) throw new AppError('insufficient_scope', { needed });
}

/**
 * Whoever may act for all users of a tenant is its administrator; a service is not, although it may act for each of them.
 * @throws AppError 403 `insufficient_scope`.
 */
function checkAdmin({ user, isService }: Caller): void {
  if (user !== ANY_USER || isService) throw new AppError('insufficient_scope', { needed: 'admin' });
}

function actorOf(request: Request, caller?: Caller): Actor {
  const { subject, permission, isInPerson } = caller ?? {};
  return {
    ...(subject !== undefined && { subject }),
    ...(permission?.credential !== undefined && !isInPerson && { token_id: permission.credential }),
    ...(request.ip !== undefined && { address: request.ip }),
    request_id: requestId(request),
  };
}

/** Who is behind a request, also where nobody needs to log in. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const request = context.switchToHttp().getRequest<ScopedRequest>();
  return request[SCOPE]?.actor ?? actorOf(request);
});

/** Who is asking. */
export const CurrentScope = createParamDecorator((_: unknown, context: ExecutionContext): Scope => {
  const scope = context.switchToHttp().getRequest<ScopedRequest>()[SCOPE];
  if (!scope) throw new Error('A route without ScopeGuard has no scope.');
  return scope;
});

/** On whose behalf a request is made, once the guard has let it in; nothing on routes for anybody. */
export const scopeOfRequest = (request: Request): Scope | undefined => (request as ScopedRequest)[SCOPE];

/** Who sent a request, once the guard has let it in; nothing on routes for anybody. */
export const callerOf = (request: Request): Caller | undefined => (request as ScopedRequest)[CALLER];

/** Who is asking, with what the login says about them. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = context.switchToHttp().getRequest<ScopedRequest>()[CALLER];
  if (!caller) throw new Error('A route without ScopeGuard has no caller.');
  return caller;
});
