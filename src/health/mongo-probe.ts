import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { Connection } from 'mongoose';
import { LATE, withTimeout } from '../common/index.js';
import { DataDisk } from '../platform/mongo/index.js';

const MONGO_MS = 1000;

/** Checks whether the database answers and its disk has space. */
@Injectable()
export class MongoProbe {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly disk: DataDisk,
    @InjectConnection() private readonly connection: Connection,
  ) {}

  /** Whether it answers within a second. */
  async answers(): Promise<HealthIndicatorResult> {
    const ping = async ({ signal }: { signal: AbortSignal }): Promise<{ latency_ms: number }> => {
      const begin = performance.now();
      if (!this.connection.db) throw new Error('not connected');
      await this.connection.db.command({ ping: 1 }, { signal });
      return { latency_ms: Math.round((performance.now() - begin) * 100) / 100 };
    };
    return this.indicators.check('mongo').attempt(ping).withTimeout(MONGO_MS);
  }

  /** How long a round trip takes, seconds; nothing if it takes longer than one, or fails. */
  async roundTripSeconds(): Promise<number | undefined> {
    const begun = performance.now();
    const asked = this.connection.db?.command({ ping: 1 }).catch(() => LATE);
    const answer = asked && (await withTimeout(asked, MONGO_MS));
    return answer === undefined || answer === LATE ? undefined : (performance.now() - begun) / 1000;
  }

  /** The disk of the embedded engine; nothing for your own database. */
  async room(): Promise<HealthIndicatorResult> {
    const disk = await this.disk.state();
    if (!disk) return {};
    const { path, free_mb, isLow } = disk;
    const indicator = this.indicators.check('disk');
    if (!isLow) return indicator.up({ free_mb });
    const reason = `The disk of DATA_DIR (${path}) is full or nearly full: ${free_mb} MB free. The database stops when it runs out of space.`;
    return indicator.degraded({ free_mb, reason });
  }
}
