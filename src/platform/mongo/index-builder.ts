import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { DataDisk } from './data-disk.js';
import { isDiskFullError, retryTransient } from './errors.js';

/** A database that is away for so long at the start ends the start. */
const PATIENCE_MS = 60_000;

/** Lets nothing begin before all indexes exist: unique ones are what keeps two workers from the same chat. */
@Injectable()
export class IndexBuilder implements OnModuleInit {
  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly disk: DataDisk,
  ) {}

  /** @throws DiskFullError when the database has no room for them. */
  async onModuleInit(): Promise<void> {
    const models = Object.values(this.connection.models);
    const builds = models.map((model) => retryTransient(() => model.createIndexes(), { forMs: PATIENCE_MS }));
    try {
      await Promise.all(builds);
    } catch (error) {
      throw isDiskFullError(error) ? await this.disk.noRoomToStart(error) : error;
    }
  }
}
