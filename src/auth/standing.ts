import { Injectable } from '@nestjs/common';
import type { TenantId } from '../common/index.js';

/** Whether a person is let in at present, whatever they bring. */
export abstract class Standing {
  abstract isWelcome(tenant: TenantId, userId: string): Promise<boolean>;
}

/** An identity provider decides that, not this server. */
@Injectable()
export class AnybodysStanding extends Standing {
  override isWelcome(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
