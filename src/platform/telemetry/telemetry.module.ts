import { Global, Module } from '@nestjs/common';
import { Settings } from '../config/index.js';
import { Metrics } from './metrics/metrics.js';
import { traceTargets } from './tracing/trace-targets.js';
import { NoTracing, Tracing } from './tracing/tracing.js';

/** What it takes to trace is loaded only where somebody wants traces. */
async function tracing(settings: Settings): Promise<Tracing> {
  const targets = traceTargets(settings);
  if (targets.length === 0) return new NoTracing();
  const { OtlpTracing } = await import('./tracing/otlp-tracing.js');
  return new OtlpTracing(targets, settings);
}

/** Metrics and traces, available everywhere. */
@Global()
@Module({
  providers: [Metrics, { provide: Tracing, useFactory: tracing, inject: [Settings] }],
  exports: [Metrics, Tracing],
})
export class TelemetryModule {}
