import { Injectable } from '@nestjs/common';
import { Metrics, sameGauge } from '../platform/telemetry/index.js';
import { DataDisk } from '../platform/mongo/index.js';
import { MongoProbe } from './mongo-probe.js';
import { RuntimeStats } from './runtime-stats.js';

const MB = 1024 * 1024;

/** What is looked up when somebody reads the metrics, as gauges. What cannot be looked up is missing. */
@Injectable()
export class RuntimeMetrics {
  private refreshing: Promise<void> | undefined;
  private readonly gauges;

  constructor(
    private readonly stats: RuntimeStats,
    private readonly metrics: Metrics,
    private readonly mongo: MongoProbe,
    private readonly disk: DataDisk,
  ) {
    const gauge = metrics.gauge.bind(metrics);
    this.gauges = {
      queue: gauge('reprise_queue_depth', 'Runs waiting for a worker, in all processes.'),
      waiting: gauge(
        'reprise_approvals_waiting',
        'Runs waiting for a decision of a person, in all processes.',
      ),
      runs: gauge('reprise_active_runs', 'Runs active in this process.'),
      streams: gauge('reprise_active_streams', 'Open streams.'),
      model: gauge('reprise_model_up', 'Whether the model provider can be reached.'),
      redis: gauge('reprise_redis_up', 'Whether Redis is connected; missing without Redis.'),
      mcp: gauge('reprise_mcp_servers_down', 'MCP servers that are not connected.'),
      ping: gauge('reprise_database_round_trip_seconds', 'Time of one round trip to the database.'),
      disk: gauge('reprise_disk_free_bytes', 'Free space of DATA_DIR; missing with your own database.'),
    };
    sameGauge(metrics.registry, this.gauges.runs, {
      name: 'chat_sessions_active',
      help: 'Chats that this process is answering in: reprise_active_runs, since a chat has one run at a time.',
    });
  }

  /** Sets the gauges to the current values. Those who ask at the same time share the work. Never rejects. */
  refresh(): Promise<void> {
    this.refreshing ??= Promise.all([this.refreshRuns(), this.refreshDatabase()])
      .then(() => undefined)
      .finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  private async refreshRuns(): Promise<void> {
    const { queue, waiting, runs, streams, model, redis, mcp } = this.gauges;
    try {
      const snapshot = await this.stats.snapshot();
      queue.set(snapshot.queue_depth);
      waiting.set(snapshot.waiting_runs);
      runs.set(snapshot.active_runs);
      streams.set(snapshot.active_streams);
      model.set(snapshot.model.ok ? 1 : 0);
      mcp.set(Object.values(snapshot.mcp).filter(({ status }) => status !== 'connected').length);
      if (snapshot.redis) redis.set(snapshot.redis.connected ? 1 : 0);
      else redis.remove();
      for (const { model: name, circuit } of snapshot.model.models)
        if (circuit) this.metrics.models.circuit(name, circuit);
    } catch {
      for (const gauge of [queue, waiting, runs, streams, model, redis, mcp]) gauge.remove();
    }
  }

  private async refreshDatabase(): Promise<void> {
    const { ping, disk } = this.gauges;
    const [seconds, free] = await Promise.all([this.mongo.roundTripSeconds(), this.disk.state()]);
    if (seconds === undefined) ping.remove();
    else ping.set(seconds);
    if (free) disk.set(free.free_mb * MB);
    else disk.remove();
  }
}
