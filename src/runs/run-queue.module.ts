import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Settings } from '../platform/config/index.js';
import { registerRunQueue, RunsProcessor } from './dispatch/bull-queue.js';
import { RunsModule } from './runs.module.js';

/** The run queue in Redis, if `REDIS_URL` is set; and its consumer, unless this process only serves clients. */
@Global()
@Module({})
export class RunQueueModule {
  static with({ REDIS_URL, ROLE }: Settings): DynamicModule {
    if (REDIS_URL === undefined) return { module: RunQueueModule };
    const queue = registerRunQueue();
    return {
      module: RunQueueModule,
      imports: [queue, RunsModule],
      providers: ROLE === 'api' ? [] : [RunsProcessor],
      exports: [queue],
    };
  }
}
