import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../common/index.js';
import { Standing } from '../standing.js';
import { Accounts } from './accounts.js';

/** Who has an account that is not disabled. */
@Injectable()
export class AccountStanding extends Standing {
  constructor(private readonly accounts: Accounts) {
    super();
  }

  override async isWelcome(tenant: TenantId, userId: string): Promise<boolean> {
    const account = await this.accounts.byId(userId);
    return account?.tenant_id === tenant && account.disabled_at === null;
  }
}
