declare const brand: unique symbol;

/** Whose data it is. Every repository method takes one, so that no query can forget it. */
export type TenantId = string & { readonly [brand]: 'TenantId' };

/** The tenant of a deployment that serves only one. */
export const DEFAULT_TENANT = 'default' as TenantId;
