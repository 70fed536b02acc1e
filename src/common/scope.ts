import type { TenantId } from './tenant.js';

declare const brand: unique symbol;

/** Stands in a {@link Scope} for every user of the tenant. A symbol, since any string may be somebody's id. */
export const ANY_USER = Symbol('any user');

/**
 * Who asks: a tenant and one of its users, or all of them. Every repository and service method that a person can reach
 * takes it first. Only the guard makes one, so a query cannot be asked on behalf of nobody.
 */
export interface Scope {
  readonly tenant: TenantId;
  readonly user: string | typeof ANY_USER;
  readonly [brand]: 'Scope';
}
