import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/index.js';
import type { Scope } from '../common/index.js';

/** Notes which lists administrators look at. */
@Injectable()
export class AdminViews {
  constructor(private readonly audit: AuditLog) {}

  /**
   * Resolves when it is noted; without that, nothing is shown. What they searched for is not noted: it may be the name of
   * somebody who was erased. @throws the database's error.
   */
  async list(scope: Scope, name: string): Promise<void> {
    await this.audit.recordFirst(scope, { action: 'admin_viewed', object: { kind: 'list', id: name } });
  }
}
