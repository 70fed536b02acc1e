import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { AccountLinks } from './account-links.js';
import { Accounts } from './accounts.js';

/** Lets the operator become the first administrator. */
@Injectable()
export class FirstAdmin {
  constructor(
    private readonly accounts: Accounts,
    private readonly links: AccountLinks,
    private readonly settings: Settings,
  ) {}

  /**
   * A new link while there is no administrator, for the console alone; nothing otherwise. Links that other processes
   * have printed stay good.
   * @param url where this server listens.
   */
  async link(url: string): Promise<string | undefined> {
    const { AUTH_MODE, ROLE, PUBLIC_URL } = this.settings;
    if (AUTH_MODE !== 'accounts' || ROLE === 'worker' || (await this.accounts.hasAdmin())) return undefined;
    const { path } = await this.links.setup();
    return (PUBLIC_URL ?? url.replace(/\/\/(0\.0\.0\.0|\[::\])(?=:)/, '//localhost')) + path;
  }
}
