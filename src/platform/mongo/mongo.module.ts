import { Module, type DynamicModule } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import type { Settings } from '../config/index.js';
import { DataDisk } from './data-disk.js';
import { patchDriver } from './driver-patch.js';
import { IndexBuilder } from './index-builder.js';

patchDriver();

/**
 * The single database connection. Every write is acknowledged by the majority's journal, so nothing that was
 * acknowledged is lost.
 */
@Module({})
export class MongoModule {
  static with(uri: string, settings: Settings): DynamicModule {
    return {
      module: MongoModule,
      global: true,
      providers: [DataDisk, IndexBuilder],
      exports: [DataDisk],
      imports: [
        MongooseModule.forRoot(uri, {
          dbName: settings.MONGODB_DATABASE,
          writeConcern: { w: 'majority', journal: true },
          ignoreUndefined: true,
          maxPoolSize: 32,
          serverSelectionTimeoutMS: 10_000,
          // A restarting database must be found again soon: by default the driver may wait 40 s for a lost greeting.
          connectTimeoutMS: 3000,
          // A database that neither answers nor closes (a lost machine, a cut cable) is given up after this.
          socketTimeoutMS: 30_000,
          autoIndex: false,
          autoCreate: false,
          heartbeatFrequencyMS: 1000,
          retryAttempts: 0,
        }),
      ],
    };
  }
}
