import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { Clock } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { Log } from '../platform/logging/index.js';
import { AUDIT_ENTRY, type AuditEntryDocument } from './audit-entry.schema.js';

const DAY_MS = 86_400_000;
const INTERVAL_MS = 600_000;

/** Deletes entries that are older than `AUDIT_RETENTION_DAYS`: at the start, and every ten minutes. */
@Injectable()
export class AuditSweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Log(AuditSweep.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<unknown> = Promise.resolve();

  constructor(
    @InjectModel(AUDIT_ENTRY) private readonly entries: Model<AuditEntryDocument>,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.ROLE === 'api') return;
    this.begin();
    this.timer = setInterval(() => {
      this.begin();
    }, INTERVAL_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** @returns how many entries were deleted. */
  async sweep(): Promise<number> {
    const oldest = new Date(this.clock.now() - this.settings.AUDIT_RETENTION_DAYS * DAY_MS);
    return (await this.entries.deleteMany({ at: { $lt: oldest } })).deletedCount;
  }

  private begin(): void {
    this.sweeping = this.sweep().catch((error: unknown) => {
      this.logger.warn('old audit entries were not deleted; the next sweep will', { err: error });
    });
  }
}
