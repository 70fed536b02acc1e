import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { ANY_USER, AppError } from '../../common/index.js';
import type { Caller } from './authenticator.js';
import { isExternalId } from './id.pipes.js';
import { callerOf } from './scope.guard.js';

/** Whom a request is made for if neither a login nor the address says so. */
export const DEFAULT_PERSON = 'default';

/**
 * Id of the user that a door acts for whose paths name none: who is logged in. A caller who may act for anybody can
 * name a user as `?user_id=`; without it, they act for themselves, and without authentication for
 * {@link DEFAULT_PERSON}.
 * @throws AppError 400 `invalid_user_id`; 404 `user_not_found` if a caller names somebody else.
 */
export const CurrentPerson = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const request = context.switchToHttp().getRequest<Request>();
  const caller = callerOf(request);
  if (!caller) throw new Error('A route without ScopeGuard has no caller.');
  return personOf(caller, request.query['user_id']);
});

/** For doors without HTTP requests; see {@link CurrentPerson}. */
export function personOf({ user, subject }: Pick<Caller, 'user' | 'subject'>, named: unknown): string {
  if (named !== undefined && !isExternalId(named)) throw new AppError('invalid_user_id');
  if (user === ANY_USER) return named ?? subject ?? DEFAULT_PERSON;
  if (named !== undefined && named !== user) throw new AppError('user_not_found', { id: named });
  return user;
}
