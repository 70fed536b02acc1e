import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { AuditLog } from '../../audit/index.js';
import { ANY_USER } from '../../common/index.js';
import { callerOf, scopeOfRequest, type Caller } from '../../platform/http/index.js';
import { Owners, type Named } from './owners.js';

/** Parameters of paths that name what belongs to somebody; the first one counts. */
const NAMES: readonly [param: string, kind: Named['kind']][] = [
  ['message_id', 'message'],
  ['chat_id', 'chat'],
  ['file_id', 'file'],
  ['user_id', 'user'],
];

/**
 * Notes when an administrator looks at what belongs to somebody else, by whatever route. Other callers cost nothing.
 * After the guard that finds out who asks.
 */
@Injectable()
export class LooksGuard implements CanActivate {
  constructor(
    private readonly owners: Owners,
    private readonly audit: AuditLog,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const caller = callerOf(request);
    if (caller && isAdministrator(caller) && ['GET', 'HEAD'].includes(request.method))
      await this.note(request, caller);
    return true;
  }

  /** @throws the database's error: what cannot be noted is not shown. */
  private async note(request: Request, { tenant, subject }: Caller): Promise<void> {
    const named = namedBy(request);
    const scope = scopeOfRequest(request);
    if (!named || !scope) return;
    const owner = await this.owners.of(tenant, named);
    if (owner === undefined || owner === subject) return;
    const { kind, id } = named;
    await this.audit.recordFirst(scope, {
      action: 'admin_viewed',
      user: owner,
      object: kind === 'user' ? { kind: 'list', id: lastSegment(request) } : { kind, id: id.toLowerCase() },
    });
  }
}

/** Somebody who has logged in and may act for everybody; services act for users that they know. */
function isAdministrator({ user, subject, isService }: Caller): boolean {
  return user === ANY_USER && subject !== undefined && !isService;
}

function namedBy({ params }: Request): Named | undefined {
  for (const [param, kind] of NAMES) {
    const id = params[param];
    if (typeof id === 'string') return { kind, id };
  }
  return undefined;
}

/** Which list of a user: `chats`, `files`; `user` for the user. */
function lastSegment({ route }: Request): string {
  const path: unknown = (route as { path?: unknown } | undefined)?.path;
  const last = typeof path === 'string' ? path.split('/').at(-1) : undefined;
  return last === undefined || last.startsWith(':') ? 'user' : last;
}
