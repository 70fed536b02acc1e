import { Injectable } from '@nestjs/common';
import { Metrics } from '../platform/telemetry/index.js';
import { RuntimeStats } from './runtime-stats.js';

/** The values of {@link RuntimeStats} as gauges. */
@Injectable()
export class RuntimeMetrics {
  constructor(
    private readonly stats: RuntimeStats,
    private readonly metrics: Metrics,
  ) {}

  /** Sets the gauges to the current values. If they are not available, the old ones are removed. */
  async refresh(): Promise<void> {
    const { metrics } = this;
    const queued = metrics.gauge('reprise_queue_depth', 'Runs waiting for a worker.');
    const runs = metrics.gauge('reprise_active_runs', 'Runs active in this process.');
    const streams = metrics.gauge('reprise_active_streams', 'Open streams.');
    const model = metrics.gauge('reprise_model_up', 'Whether the model provider can be reached.');
    try {
      const snapshot = await this.stats.snapshot();
      queued.set(snapshot.queue_depth);
      runs.set(snapshot.active_runs);
      streams.set(snapshot.active_streams);
      model.set(snapshot.model.ok ? 1 : 0);
    } catch {
      for (const gauge of [queued, runs, streams, model]) gauge.remove();
    }
  }
}
