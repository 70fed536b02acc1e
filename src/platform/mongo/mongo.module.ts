import { Module, type DynamicModule } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import type { Settings } from '../config/index.js';
import { IndexBuilder } from './index-builder.js';
import { StuckMonitorWatch } from './stuck-monitor.js';

/** The one database connection. Every write is acknowledged by the majority's journal: nothing that was answered is lost. */
@Module({})
export class MongoModule {
  static with(uri: string, settings: Settings): DynamicModule {
    return {
      module: MongoModule,
      providers: [IndexBuilder, StuckMonitorWatch],
      imports: [
        MongooseModule.forRoot(uri, {
          dbName: settings.MONGODB_DATABASE,
          writeConcern: { w: 'majority', journal: true },
          ignoreUndefined: true,
          maxPoolSize: 32,
          serverSelectionTimeoutMS: 10_000,
          // A database that restarts must be found again soon: by default the driver may wait 40 s for a lost greeting.
          connectTimeoutMS: 3000,
          // Without a limit, the driver waits for ever for a socket that closed just before it was written to.
          timeoutMS: 10_000,
          heartbeatFrequencyMS: 1000,
          retryAttempts: 0,
        }),
      ],
    };
  }
}
