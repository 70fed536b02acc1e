import { Global, Module } from '@nestjs/common';
import { Metrics } from './metrics.js';

/** The metrics, available everywhere. */
@Global()
@Module({ providers: [Metrics], exports: [Metrics] })
export class TelemetryModule {}
