import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { LATE, withTimeout } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { DataDisk } from '../../platform/mongo/index.js';
import { Metrics } from '../../platform/telemetry/index.js';
import type { Seen } from './checks.js';

const LIMIT_MS = 2000;
const SLOW_PING_MS = 50;
const SLOW_WRITE_MS = 100;
/** The one document that diagnoses write. */
const COLLECTION = 'diagnoses';

/** Looks at the database and its disk. */
@Injectable()
export class DatabaseChecks {
  constructor(
    private readonly disks: DataDisk,
    private readonly metrics: Metrics,
    private readonly settings: Settings,
    @InjectConnection() private readonly connection: Connection,
  ) {}

  async database(): Promise<Seen<'database'>> {
    const ms = await timed(() => this.connection.db?.command({ ping: 1 }));
    if (ms === undefined) return { found: 'The database did not answer within 2 s.', cause: 'down' };
    const found = `The database answered in ${ms} ms.`;
    return ms > SLOW_PING_MS ? { found, cause: 'slow' } : { found };
  }

  async write(): Promise<Seen<'write'>> {
    const ms = await timed(() =>
      this.connection.db
        ?.collection<{ _id: string }>(COLLECTION)
        .updateOne(
          { _id: 'write' },
          { $set: { at: new Date() } },
          { upsert: true, writeConcern: { w: 'majority', journal: true } },
        ),
    );
    if (ms === undefined) return { found: 'A durable write did not succeed within 2 s.', cause: 'failed' };
    const found = `A durable write took ${ms} ms.`;
    return ms > SLOW_WRITE_MS ? { found, cause: 'slow' } : { found };
  }

  commits(): Promise<Seen<'commits'>> {
    const { recentSeconds } = this.metrics.commits;
    if (recentSeconds === undefined)
      return Promise.resolve({ found: 'This process has not committed any events yet.' });
    const ms = round(recentSeconds * 1000);
    const found = `Commits took ${ms} ms lately, on average.`;
    return Promise.resolve(ms > SLOW_WRITE_MS ? { found, cause: 'slow' } : { found });
  }

  async disk(): Promise<Seen<'disk'>> {
    const disk = await this.disks.state();
    if (!disk) return { found: 'The database is on a disk that this server does not see.' };
    const found = `The disk of DATA_DIR has ${disk.free_mb} MB free.`;
    return disk.isLow ? { found, cause: 'full' } : { found };
  }

  retention(): Promise<Seen<'retention'>> {
    const { EVENT_RETENTION_DAYS: days } = this.settings;
    if (days === undefined)
      return Promise.resolve({ found: 'EVENT_RETENTION_DAYS is unset: logs are kept.' });
    return Promise.resolve({
      found: `Logs are deleted ${days} days after their run has ended.`,
      cause: 'expires',
    });
  }
}

/** How long work takes, ms; `undefined` if it fails, or takes too long. */
async function timed(work: () => Promise<unknown> | undefined): Promise<number | undefined> {
  const begun = performance.now();
  try {
    const asked = work();
    if (!asked || (await withTimeout(asked, LIMIT_MS)) === LATE) return undefined;
    return round(performance.now() - begun);
  } catch {
    return undefined;
  }
}

const round = (ms: number): number => Math.round(ms * 10) / 10;
