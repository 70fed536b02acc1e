import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { MongoProbe } from './mongo-probe.js';
import { ProcessLoad } from './process-load.js';
import { RuntimeMetrics } from './runtime-metrics.js';

/** Probes and metrics. Needs a global provider of `RuntimeStats` and the `TelemetryModule`. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [HealthService, MongoProbe, ProcessLoad, RuntimeMetrics],
})
export class HealthModule {}
