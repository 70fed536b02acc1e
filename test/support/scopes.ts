import { ANY_USER, DEFAULT_TENANT, type Scope, type TenantId } from '../../src/common/index.js';
import { makeScope } from '../../src/common/scope-factory.js';

/** A scope as the guard creates it. Default: all users of the only tenant. */
export function scopeOf(user: string | typeof ANY_USER = ANY_USER, tenant = DEFAULT_TENANT as string): Scope {
  return makeScope({ tenant: tenant as TenantId, user });
}
