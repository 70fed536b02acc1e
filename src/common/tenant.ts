declare const brand: unique symbol;

/** The owner of the data. Every repository method takes one, so that no query can forget it. */
export type TenantId = string & { readonly [brand]: 'TenantId' };

/** The tenant of a deployment with only one. */
export const DEFAULT_TENANT = 'default' as TenantId;
