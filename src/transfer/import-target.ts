import type { TenantId } from '../common/index.js';

/** The new owner of an imported chat. */
export interface ImportTarget {
  tenant: TenantId;
  /** Replaces the user in the file. */
  user?: string | undefined;
}
