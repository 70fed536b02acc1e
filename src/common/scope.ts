import type { Permission } from './permission.js';
import type { TenantId } from './tenant.js';

declare const brand: unique symbol;

/** Represents every user of the tenant in a {@link Scope}. A symbol, because any string may be a user's id. */
export const ANY_USER = Symbol('any user');

/** The request that somebody made, for those who look into it later. */
export interface Origin {
  request_id: string;
  /** Its place in a trace (W3C Trace Context), if it has one. */
  traceparent?: string;
}

/** Who is behind a request, as far as is known, for the audit log. */
export interface Actor {
  /** Who logged in, also where they may act for anybody. */
  readonly subject?: string;
  /** The personal token they used. */
  readonly token_id?: string;
  /** Where the request came from. */
  readonly address?: string;
  readonly request_id?: string;
}

/**
 * Who is asking: a tenant and one of its users, or all of them. Every repository and service method that a person can
 * reach takes it as its first parameter. Only the guard creates one, so no query can run on behalf of nobody.
 */
export interface Scope {
  readonly tenant: TenantId;
  readonly user: string | typeof ANY_USER;
  /** Missing: it does not end. */
  readonly permission?: Permission | undefined;
  /** With which request. */
  readonly origin?: Origin;
  readonly actor?: Actor;
  readonly [brand]: 'Scope';
}

/** The part of a query that limits it to what a scope may see, in collections whose documents have an owner. */
export function ownedBy({ tenant, user }: Scope): { tenant_id: TenantId; user_id?: string } {
  return { tenant_id: tenant, ...(user !== ANY_USER && { user_id: user }) };
}

/** Whether a scope may see what belongs to a user. */
export function covers({ user }: Scope, userId: string): boolean {
  return user === ANY_USER || user === userId;
}
