import type { TenantId } from '../common/index.js';

/** Whose an imported chat becomes. */
export interface ImportTarget {
  tenant: TenantId;
  /** Instead of the user in the file. */
  user?: string | undefined;
}
