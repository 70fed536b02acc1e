import { BullModule } from '@nestjs/bullmq';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Settings } from '../platform/config/index.js';
import { RUNS_QUEUE } from './bull-dispatcher.js';
import { RunsModule } from './runs.module.js';
import { RunsProcessor } from './runs.processor.js';

/** The run queue in Redis, when `REDIS_URL` is set; and its consumer, unless this process only answers clients. */
@Global()
@Module({})
export class RunQueueModule {
  static with({ REDIS_URL, ROLE }: Settings): DynamicModule {
    if (REDIS_URL === undefined) return { module: RunQueueModule };
    return {
      module: RunQueueModule,
      imports: [BullModule.registerQueue({ name: RUNS_QUEUE }), RunsModule],
      providers: ROLE === 'api' ? [] : [RunsProcessor],
      exports: [BullModule],
    };
  }
}
