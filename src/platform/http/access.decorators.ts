import { SetMetadata, type CustomDecorator, type ExecutionContext } from '@nestjs/common';

/**
 * What a route asks of its caller.
 *
 * - `login` (the default): an authenticated caller who may read, or write if the method is not a reading one.
 * - `change`: a caller who may write, although the method is a reading one.
 * - `manage`: the caller in person, not somebody with a token made for a program.
 * - `admins`: an administrator of the tenant; without authentication, anybody.
 * - `accounts`: an administrator in person.
 * - `ticket`: a login, or a ticket for the message in the path.
 * - `operators`: `METRICS_TOKEN`.
 * - `anybody`: nothing.
 */
export type RouteAccess =
  'login' | 'change' | 'manage' | 'accounts' | 'admins' | 'ticket' | 'operators' | 'anybody';

const ACCESS = Symbol('access');

const access = (kind: RouteAccess): CustomDecorator<symbol> => SetMetadata(ACCESS, kind);

/** Nobody needs to log in for this route. */
export const ForAnybody = (): CustomDecorator<symbol> => access('anybody');

/** Shows figures of the whole deployment. */
export const ForOperators = (): CustomDecorator<symbol> => access('operators');

/** Shows what belongs to all users of a tenant. */
export const ForAdmins = (): CustomDecorator<symbol> => access('admins');
/** A GET that changes something: its callers must be allowed to write. */
export const ForWriters = (): CustomDecorator<symbol> => access('change');

/** Creates or withdraws credentials. */
export const InPerson = (): CustomDecorator<symbol> => access('manage');

/** Creates, changes or lists the accounts of others. */
export const ManagesAccounts = (): CustomDecorator<symbol> => access('accounts');

/** An `EventSource`, which sends no headers, reads this: the ticket in its address suffices. */
export const WithTicket = (): CustomDecorator<symbol> => access('ticket');

/** What the route of a request asks for. */
export function accessOf(context: ExecutionContext): RouteAccess {
  const kind: unknown = Reflect.getMetadata(ACCESS, context.getHandler());
  return (kind as RouteAccess | undefined) ?? 'login';
}
