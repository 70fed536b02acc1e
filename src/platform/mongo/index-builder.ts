import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { DataDisk } from './data-disk.js';
import { isDiskFullError, retryTransient } from './errors.js';
import { checkSchemaVersion } from './schema-version.js';

/** If the database is unavailable for this long at startup, the start fails. */
const PATIENCE_MS = 60_000;

/** Delays everything until all indexes exist: unique ones keep two workers from the same chat. */
@Injectable()
export class IndexBuilder implements OnModuleInit {
  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly disk: DataDisk,
  ) {}

  /** @throws DiskFullError if the database has no space for them; StartError if it is newer than this program. */
  async onModuleInit(): Promise<void> {
    await retryTransient(() => checkSchemaVersion(this.connection), { forMs: PATIENCE_MS });
    const models = Object.values(this.connection.models);
    const builds = models.map((model) => retryTransient(() => model.createIndexes(), { forMs: PATIENCE_MS }));
    try {
      await Promise.all(builds);
    } catch (error) {
      throw isDiskFullError(error) ? await this.disk.noRoomToStart(error) : error;
    }
  }
}
