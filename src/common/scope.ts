import type { TenantId } from './tenant.js';

declare const brand: unique symbol;

/** Represents every user of the tenant in a {@link Scope}. A symbol, because any string may be a user's id. */
export const ANY_USER = Symbol('any user');

/**
 * Who is asking: a tenant and one of its users, or all of them. Every repository and service method that a person can
 * reach takes it as its first parameter. Only the guard creates one, so no query can run on behalf of nobody.
 */
export interface Scope {
  readonly tenant: TenantId;
  readonly user: string | typeof ANY_USER;
  readonly [brand]: 'Scope';
}
