import { Injectable, ServiceUnavailableException, type OnModuleDestroy } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { LATE, withTimeout } from '../common/index.js';
import { MongoProbe } from './mongo-probe.js';
import { ProcessLoad } from './process-load.js';
import { RuntimeStats, type RuntimeSnapshot } from './runtime-stats.js';

const STATS_MS = 2000;

/** What a probe reports: whether everything works, and each part by name. */
export interface HealthReport {
  status: string;
  details: Record<string, unknown>;
}

/** Checks the parts of the process. */
@Injectable()
export class HealthService implements OnModuleDestroy {
  private leaving = false;

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly stats: RuntimeStats,
    private readonly load: ProcessLoad,
    private readonly mongo: MongoProbe,
  ) {}

  /** The first step of a shutdown: proxies must stop sending requests here. */
  onModuleDestroy(): void {
    this.leaving = true;
  }

  /** Whether requests can be served: the database answers, this process is not overloaded and not shutting down. */
  async ready(): Promise<HealthReport> {
    return this.report([() => this.mongo.answers(), () => this.process()]);
  }

  /** The full report. A model that cannot be reached degrades the service; the process is not dead. */
  async details(): Promise<HealthReport> {
    return this.report([
      () => this.mongo.answers(),
      () => this.mongo.room(),
      () => this.process(),
      () => this.runtime(),
    ]);
  }

  private process(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('process');
    const figures = this.load.figures();
    const reason = this.leaving ? 'shutting down' : this.load.overload(figures);
    return Promise.resolve(
      reason === undefined ? indicator.up({ ...figures }) : indicator.down({ ...figures, reason }),
    );
  }

  private async runtime(): Promise<HealthIndicatorResult> {
    const [runs, model] = [this.indicators.check('runs'), this.indicators.check('model')];
    try {
      const {
        model: state,
        redis,
        mcp,
        embeddings,
        ...figures
      } = await within(STATS_MS, this.stats.snapshot());
      const { ok, ...about } = state;
      return {
        ...runs.up(figures),
        ...(ok ? model.up(about) : model.degraded(about)),
        ...(redis && this.redis(redis)),
        ...this.mcp(mcp),
        ...(embeddings && this.embeddings(embeddings)),
      };
    } catch {
      return { ...runs.degraded('the metrics are not available'), ...model.degraded('not asked') };
    }
  }

  /** Redis only speeds things up: without it, or with one that evicts keys, the service is degraded. */
  private redis({ connected, facts, faults }: NonNullable<RuntimeSnapshot['redis']>): HealthIndicatorResult {
    const indicator = this.indicators.check('redis');
    if (!connected) return indicator.degraded({ reason: 'Redis is unavailable.' });
    return faults.length > 0
      ? indicator.degraded({ ...facts, reason: faults.join(' ') })
      : indicator.up({ ...facts });
  }

  /** Without it the search has words alone. */
  private embeddings({ ok, ...about }: NonNullable<RuntimeSnapshot['embeddings']>): HealthIndicatorResult {
    const indicator = this.indicators.check('embeddings');
    return ok ? indicator.up(about) : indicator.degraded(about);
  }

  /** Nothing if there are none: the details then say nothing about them. */
  private mcp(servers: RuntimeSnapshot['mcp']): HealthIndicatorResult {
    const away = Object.values(servers).filter(({ status }) => status !== 'connected');
    if (Object.keys(servers).length === 0) return {};
    const indicator = this.indicators.check('mcp');
    if (away.length === 0) return indicator.up({ servers });
    const names = Object.keys(servers).filter((name) => servers[name]?.status !== 'connected');
    const reason = `Not connected: ${names.join(', ')}.`;
    return away.some(({ required }) => required)
      ? indicator.down({ servers, reason })
      : indicator.degraded({ servers, reason });
  }

  private async report(checks: (() => Promise<HealthIndicatorResult>)[]): Promise<HealthReport> {
    try {
      const { status, details } = await this.health.check(checks);
      return { status, details };
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      const { status, details } = error.getResponse() as HealthReport;
      return { status, details };
    }
  }
}

/** @throws Error if the work takes longer. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const result = await withTimeout(work, ms);
  if (result === LATE) throw new Error('timed out');
  return result;
}
