import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { CommitMetrics } from './commit-metrics.js';
import { Labels } from './figures.js';
import { HttpMetrics } from './http-metrics.js';
import { ModelMetrics } from './model-metrics.js';
import { RunMetrics } from './run-metrics.js';
import type { LabelValues } from './same-figures.js';
import { StreamMetrics } from './stream-metrics.js';
import { ToolMetrics } from './tool-metrics.js';

/**
 * The metrics of this process in Prometheus format. A separate registry, so that two applications can share a process.
 */
@Injectable()
export class Metrics implements OnModuleInit, OnApplicationShutdown {
  readonly registry = new Registry();
  private readonly labels = new Labels();
  readonly http = new HttpMetrics(this.registry);
  readonly runs = new RunMetrics(this.registry, this.labels);
  readonly models = new ModelMetrics(this.registry, this.labels);
  readonly tools = new ToolMetrics(this.registry, this.labels);
  readonly streams = new StreamMetrics(this.registry, this.labels);
  readonly commits = new CommitMetrics(this.registry);

  /** Those of Node itself, which are measured from now on. */
  onModuleInit(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  /** A gauge on `/metrics`; calling again with the same name returns the same gauge. */
  gauge(name: string, help: string): Gauge {
    const known = this.registry.getSingleMetric(name);
    return known instanceof Gauge ? known : new Gauge({ name, help, registers: [this.registry] });
  }

  /** The sum of a counter's series. @param wanted whether a series counts. */
  async total(name: string, wanted: (labels: LabelValues) => boolean = () => true): Promise<number> {
    const metric = await this.registry.getSingleMetric(name)?.get();
    const values = (metric?.values ?? []) as { labels: LabelValues; value: number }[];
    return values.filter(({ labels }) => wanted(labels)).reduce((sum, { value }) => sum + value, 0);
  }

  /** The sum of all that a histogram has observed. */
  async sum(name: string): Promise<number> {
    const metric = await this.registry.getSingleMetric(name)?.get();
    const values = (metric?.values ?? []) as { metricName?: string; value: number }[];
    return values
      .filter(({ metricName }) => metricName === `${name}_sum`)
      .reduce((sum, { value }) => sum + value, 0);
  }

  onApplicationShutdown(): void {
    this.registry.clear();
  }
}
